/**
 * A server for tests to run inside a namespace: options as JSON on the command line, log entries as JSON lines on
 * standard output. Machines boot `bios.bin`, `x64.efi`, … and iPXE boots `boot.ipxe`.
 */
import { createDhcpServer, type DhcpServerOptions, type PxeClient } from '../../../src/dhcp/index.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<DhcpServerOptions, 'bootFile'> & {
  fixed?: Record<string, { address?: string; hostname?: string }>
}
const address = options.interfaces[0]?.address ?? ''

function bootFile(client: PxeClient) {
  if (client.httpBoot) return { server: address, file: `http://${address}/${client.firmware}.efi` }
  if (client.ipxe) return { server: address, file: 'boot.ipxe' }
  if (client.firmware === 'unknown') return undefined
  return { server: address, file: client.firmware === 'bios' ? 'bios.bin' : `${client.firmware}.efi` }
}

const server = createDhcpServer({
  ...options,
  bootFile,
  reservations: (client) => options.fixed?.[client.mac],
  log: (entry) => process.stdout.write(`${JSON.stringify(entry)}\n`),
})
process.once('SIGTERM', () => void server.close())
await server.start()
