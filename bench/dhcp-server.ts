/**
 * Our DHCP server as a process of its own, to be measured from outside: `dhcp-server.ts OPTIONS`, the options as JSON.
 * It keeps its leases in a file, and logs what the boot server logs, as seldom.
 */
import { createDhcpServer, type DhcpServerOptions } from '../src/dhcp/index.ts'
import type { LogEntry } from '../src/log.ts'
import { limitedLog } from '../src/log-limit.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<DhcpServerOptions, 'bootFile'>
const print = (entry: LogEntry) => {
  if (entry.level !== 'debug') process.stderr.write(`${JSON.stringify(entry)}\n`)
}
const server = createDhcpServer({
  ...options,
  bootFile: ({ ipxe }) => ({ server: options.interfaces[0]?.address ?? '', file: ipxe ? 'boot.ipxe' : 'ipxe.pxe' }),
  log: limitedLog(print, { burst: 2000, perSecond: 50 }),
})
await server.start()
process.once('SIGTERM', () => void server.close())
console.log('ready')
