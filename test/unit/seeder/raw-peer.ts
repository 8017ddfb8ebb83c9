import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const UNCHOKE = 1
const PIECE = 7

/** A peer that speaks only as much of the protocol (BEP 3) as a test wants, and may misbehave. */
export class RawPeer {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  readonly #messages: { id: number; payload: Buffer }[] = []
  #handshakeDone = false
  readonly #closed: Promise<void>

  /** @param localAddress from which it speaks. */
  constructor(port: number, localAddress = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress })
    this.socket.on('data', (bytes) => this.#take(bytes))
    this.socket.on('error', () => {})
    // A connection may end by a reset, which once() would take for a failure.
    this.#closed = new Promise<void>((resolve) => {
      this.socket.once('close', () => resolve())
    })
  }

  handshake(infoHash: string): void {
    const reserved = Buffer.alloc(8)
    // A second connection of the same peer would replace the first.
    const peerId = Buffer.concat([Buffer.from('-RAW000-'), randomBytes(12)])
    const parts = [Buffer.from('\x13BitTorrent protocol', 'latin1'), reserved, Buffer.from(infoHash, 'hex'), peerId]
    this.socket.write(Buffer.concat(parts))
  }

  /** Handshakes, declares interest and waits until requests are welcome. */
  async join(infoHash: string): Promise<void> {
    this.handshake(infoHash)
    this.send(2)
    await this.message(UNCHOKE)
  }

  send(id: number, payload: Uint8Array = new Uint8Array(0)): void {
    const header = Buffer.alloc(5)
    header.writeUInt32BE(payload.length + 1)
    header[4] = id
    this.socket.write(Buffer.concat([header, payload]))
  }

  request(index: number, offset: number, length: number): void {
    this.send(6, words(index, offset, length))
  }

  async block(index: number, offset: number, length: number): Promise<Buffer> {
    this.request(index, offset, length)
    const payload = await this.message(PIECE)
    return payload.subarray(8)
  }

  /** The payload of the next message of this kind. */
  async message(id: number): Promise<Buffer> {
    for (;;) {
      const at = this.#messages.findIndex((message) => message.id === id)
      const [found] = at === -1 ? [] : this.#messages.splice(at, 1)
      if (found !== undefined) return found.payload
      await Promise.race([once(this.socket, 'data'), this.closed().then(() => Promise.reject(new Error('closed')))])
    }
  }

  closed(): Promise<void> {
    return this.#closed
  }

  destroy(): void {
    this.socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    if (!this.#handshakeDone) {
      if (this.#received.length < 68) return
      this.#received = this.#received.subarray(68)
      this.#handshakeDone = true
    }
    while (this.#received.length >= 4) {
      const length = this.#received.readUInt32BE(0)
      if (this.#received.length < 4 + length) return
      if (length > 0)
        this.#messages.push({ id: this.#received[4] ?? -1, payload: this.#received.subarray(5, 4 + length) })
      this.#received = this.#received.subarray(4 + length)
    }
  }
}

export function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number >>> 0, 4 * index)
  return bytes
}
