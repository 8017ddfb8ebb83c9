/** Our HTTP server as a process of its own, to be measured from outside: `http-server.ts ADDRESS PORT NAME FILE`. */
import { statSync } from 'node:fs'
import { createBootFiles } from '../src/boot-files.ts'
import { createHttpServer } from '../src/http/index.ts'

const [address = '', port = '', name = '', path = ''] = process.argv.slice(2)
const files = createBootFiles([{ name, path, size: statSync(path).size }])
const server = createHttpServer({ address, port: Number(port), files })
await server.start()
process.once('SIGTERM', () => void server.close())
console.log('ready')
