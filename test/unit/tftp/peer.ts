/** A TFTP client of which every single datagram is in the test's hands. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { decodePacket, encodePacket, type Malformed, type Option, type Packet } from '../../../src/tftp/index.ts'

export interface Received {
  readonly packet: Packet | Malformed
  /** Port of the server that it came from. */
  readonly port: number
}

export class Peer {
  readonly #socket: Socket
  readonly #server: number
  readonly #received: Received[] = []
  #wake: (() => void) | undefined

  private constructor(socket: Socket, server: number) {
    this.#socket = socket
    this.#server = server
    socket.on('error', () => {})
    socket.on('message', (bytes, { port }) => {
      this.#received.push({ packet: decodePacket(bytes), port })
      this.#wake?.()
    })
  }

  /**
   * @param server - The port requests go to.
   * @param address - The peer's own.
   */
  static async open(server: number, address = '127.0.0.1'): Promise<Peer> {
    const socket = createSocket('udp4')
    socket.bind(0, address)
    await once(socket, 'listening')
    return new Peer(socket, server)
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** What came in and was not looked at yet. */
  get waiting(): number {
    return this.#received.length
  }

  send(packet: Packet | Uint8Array, port = this.#server): void {
    this.#socket.send(packet instanceof Uint8Array ? packet : encodePacket(packet), port, '127.0.0.1')
  }

  request(file: string, options: Record<string, string | number> = {}, mode = 'octet'): void {
    const list: Option[] = Object.entries(options).map(([name, value]) => ({ name, value: String(value) }))
    this.send({ kind: 'RRQ', file, mode, options: list })
  }

  ack(block: number, port: number): void {
    this.send({ kind: 'ACK', block: block & 0xffff }, port)
  }

  /** The next datagram, in the order of arrival. */
  async next(): Promise<Received> {
    while (this.#received.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#received.shift() as Received
  }

  /** Takes a whole file, as RFC 1350 and RFC 7440 want it. `lose` may drop packets in either direction. */
  async fetch(
    file: string,
    options: Record<string, string | number> = {},
    lose: () => boolean = () => false,
  ): Promise<Buffer> {
    const parts: Buffer[] = []
    let blockSize = 512
    let windowSize = 1
    let expected = 1
    let sinceAck = 0
    this.request(file, options)
    while (true) {
      const { packet, port } = await this.next()
      if (lose()) continue
      if (packet.kind === 'ERROR') throw new Error(`ERROR ${packet.code} ${packet.message}`)
      if (packet.kind === 'OACK') {
        for (const { name, value } of packet.options) {
          if (name === 'blksize') blockSize = Number(value)
          if (name === 'windowsize') windowSize = Number(value)
        }
        if (!lose()) this.ack(0, port)
      }
      if (packet.kind !== 'DATA') continue
      if (packet.block === (expected & 0xffff)) {
        parts.push(Buffer.from(packet.data))
        expected += 1
        sinceAck += 1
        const last = packet.data.length < blockSize
        if (last || sinceAck === windowSize) {
          sinceAck = 0
          if (!lose()) this.ack(packet.block, port)
          else if (last) this.ack(packet.block, port)
        }
        if (last) return Buffer.concat(parts)
      } else {
        // A hole, or a repetition: say what we have.
        sinceAck = 0
        if (!lose()) this.ack(expected - 1, port)
      }
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
