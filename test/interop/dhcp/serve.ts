/**
 * A server for tests to run inside a namespace: options as JSON on the command line, log entries as JSON lines on
 * standard output. Machines boot `bios.bin`, `uefi-x64.efi`, … and iPXE boots `boot.ipxe`.
 */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import {
  createDhcpServer,
  type DhcpServerOptions,
  type PxeClient,
  type ServedInterface,
} from '../../../src/dhcp/index.ts'
import type { LogEntry } from '../../../src/log.ts'
import type { ServeOptions } from './network.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as ServeOptions & Pick<DhcpServerOptions, 'interfaces' | 'mode'>
const address = options.interfaces[0]?.address ?? ''
const log = (entry: LogEntry) => process.stdout.write(`${JSON.stringify(entry)}\n`)

function bootFile(client: PxeClient, { address }: ServedInterface) {
  if (client.httpBoot) return { server: address, file: `http://${address}/${client.firmware}.efi` }
  if (client.ipxe) return { server: address, file: 'boot.ipxe' }
  if (client.firmware === 'unknown') return undefined
  return { server: address, file: client.firmware === 'bios' ? 'bios.bin' : `${client.firmware}.efi` }
}

if (options.tftp) {
  // Says which file is asked for and refuses it: it proves that the machine believed the answer.
  const tftp = createSocket('udp4')
  tftp.bind(69, address)
  tftp.on('message', (bytes, from) => {
    const file = bytes.toString('latin1', 2, bytes.indexOf(0, 2))
    log({ level: 'info', event: 'tftp.request', message: `${from.address} asks for ${file}`, file, from: from.address })
    tftp.send(Buffer.from('\0\x05\0\x01not here\0', 'latin1'), from.port, from.address)
  })
  process.once('SIGTERM', () => tftp.close())
}

if (options.http) {
  const http = createServer((request, response) => {
    log({ level: 'info', event: 'http.request', message: `${request.method} ${request.url}`, file: request.url })
    response.writeHead(404).end()
  })
  http.listen(80, address)
  process.once('SIGTERM', () => http.close())
}

const server = createDhcpServer({ ...options, bootFile, reservations: (client) => options.fixed?.[client.mac], log })
process.once('SIGTERM', () => void server.close())
await server.start()
