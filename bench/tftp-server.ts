/** Our TFTP server as a process of its own, to be measured from outside: `tftp-server.ts ADDRESS PORT NAME FILE [NAME FILE]…`. */
import { statSync } from 'node:fs'
import { type BootFile, createBootFiles } from '../src/boot-files.ts'
import { createTftpServer } from '../src/tftp/index.ts'

const [address = '', port = '', ...names] = process.argv.slice(2)
const table: BootFile[] = []
for (let at = 0; at + 1 < names.length; at += 2) {
  const [name = '', path = ''] = names.slice(at)
  table.push({ name, path, size: statSync(path).size })
}
const limits = { transfersPerClient: 200 }
const server = createTftpServer({ address, port: Number(port), files: createBootFiles(table), limits })
await server.start()
process.once('SIGTERM', () => void server.close())
console.log('ready')
