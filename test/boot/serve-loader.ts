/**
 * DHCP and TFTP as a program of its own would use them: a boot file for every machine, and a table of files. Settings as JSON
 * on the command line; log entries as JSON lines on standard output.
 */
import { statSync } from 'node:fs'
import { type BootFile, createBootFiles } from '../../src/boot-files.ts'
import { createDhcpServer, type ServedInterface } from '../../src/dhcp/index.ts'
import type { LogEntry } from '../../src/log.ts'
import { createTftpServer } from '../../src/tftp/index.ts'

export interface LoaderSettings {
  readonly interface: ServedInterface
  /** What every machine boots. */
  readonly bootFile: string
  /** Paths of the files by the names that are asked for. */
  readonly files: { readonly [name: string]: string }
}

const { interface: served, bootFile, files } = JSON.parse(process.argv[2] ?? '') as LoaderSettings
const log = (entry: LogEntry) => process.stdout.write(`${JSON.stringify(entry)}\n`)
const table = Object.entries(files).map(([name, path]): BootFile => ({ name, path, size: statSync(path).size }))

await using stack = new AsyncDisposableStack()
const tftp = stack.use(createTftpServer({ address: served.address, files: createBootFiles(table), log }))
const dhcp = stack.use(
  createDhcpServer({
    interfaces: [served],
    mode: 'dhcp',
    bootFile: (_client, { address }) => ({ server: address, file: bootFile }),
    log,
  }),
)
await tftp.start()
await dhcp.start()
log({ level: 'info', event: 'ready', message: 'ready' })
await new Promise((resolve) => process.once('SIGTERM', resolve))
