/** A TFTP client as firmware has one: RFC 1350, with a block size (RFC 2348). */
import type { Socket } from 'node:dgram'
import { bindSocket, closeSocket } from '../dhcp/sockets.ts'
import { decodePacket, encodePacket, type Packet } from '../tftp/packet.ts'

export interface TftpRequest {
  /** Of the machine. */
  readonly address: string
  readonly server: string
  readonly port: number
  readonly file: string
}

/** What fits into an Ethernet frame. */
const BLOCK_SIZE = 1468
const PATIENCE_MS = 1_000
const ATTEMPTS = 15

/** Fetches a file. @throws Error when the server says no, or nothing */
export async function fetchByTftp({ address, server, port, file }: TftpRequest): Promise<Buffer> {
  const socket = await bindSocket(address, 0, { role: 'TFTP client' })
  try {
    return await transfer(socket, { server, port, file })
  } finally {
    await closeSocket(socket)
  }
}

function transfer(socket: Socket, { server, port, file }: Omit<TftpRequest, 'address'>): Promise<Buffer> {
  const options = [
    { name: 'tsize', value: '0' },
    { name: 'blksize', value: String(BLOCK_SIZE) },
  ]
  let last: Packet = { kind: 'RRQ', file, mode: 'octet', options }
  let to = port
  let blockSize = 512
  const received: Uint8Array[] = []
  let blocks = 0
  let attempts = 0
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const say = (packet: Packet) => {
    last = packet
    attempts = 0
    socket.send(encodePacket(packet), to, server)
    timer.refresh()
  }
  const timer = setTimeout(() => {
    attempts += 1
    if (attempts === ATTEMPTS) return reject(new Error(`no answer to TFTP for ${file}`))
    socket.send(encodePacket(last), to, server)
    timer.refresh()
  }, PATIENCE_MS)
  socket.on('error', reject)
  socket.on('message', (bytes, from) => {
    const packet = decodePacket(bytes)
    to = from.port
    if (packet.kind === 'ERROR') return reject(new Error(`${file} by TFTP: ${packet.message}`))
    if (packet.kind === 'OACK' && blocks === 0) {
      blockSize = Number(packet.options.find(({ name }) => name === 'blksize')?.value ?? blockSize)
      return say({ kind: 'ACK', block: 0 })
    }
    if (packet.kind !== 'DATA' || packet.block !== ((blocks + 1) & 0xffff)) return
    blocks += 1
    received.push(packet.data)
    say({ kind: 'ACK', block: packet.block })
    if (packet.data.length < blockSize) resolve(Buffer.concat(received))
  })
  say(last)
  return promise.finally(() => clearTimeout(timer))
}
