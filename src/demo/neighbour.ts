/** One connection of a simulated machine to another peer, through the links between the two. */
import type { Socket } from 'node:net'
import Wire, { type Wire as WireOfPeer } from 'bittorrent-protocol'
import type { Network } from './network.ts'

export interface NeighbourOptions {
  readonly socket: Socket
  /** Of this machine. */
  readonly address: string
  /** Of the other one. */
  readonly peer: string
  /** Whether it called us. */
  readonly isIncoming: boolean
  readonly network: Network
}

const SMALLEST_WINDOW = 2
const LARGEST_WINDOW = 16
const QUICK_MS = 300

export class Neighbour {
  readonly wire: WireOfPeer
  readonly peer: string
  /** Who called whom: of two connections between the same two, both sides keep the same one. */
  readonly caller: string
  /** Requests that may be under way: as many as keep the way busy, and no queue at its slow end. */
  window = 4
  /** Bytes of pieces since it was asked last. */
  down = 0
  up = 0
  readonly #socket: Socket
  #hasClosed = false

  constructor({ socket, address, peer, isIncoming, network }: NeighbourOptions) {
    this.#socket = socket
    this.peer = peer
    this.caller = isIncoming ? peer : address
    this.wire = new Wire(isIncoming ? 'tcpIncoming' : 'tcpOutgoing')
    const { wire } = this
    // Many small messages at once, such as who has what now, are one packet.
    socket.setNoDelay(true)
    wire.on('data', (bytes: Uint8Array) => {
      if (!socket.writable) return
      if (socket.writableCorked === 0) {
        socket.cork()
        process.nextTick(() => socket.uncork())
      }
      socket.write(bytes)
    })
    const path = network.path(peer, address)
    path.on('data', (bytes: Buffer) => wire.write(bytes))
    socket.pipe(path)
    wire.on('error', () => this.close())
    wire.on('close', () => this.close())
    socket.on('error', () => this.close())
    socket.on('close', () => this.close())
  }

  /** A block has come, so many milliseconds after it was asked for. */
  cameAfter(milliseconds: number): void {
    const isQuick = milliseconds < QUICK_MS
    this.window = isQuick ? Math.min(LARGEST_WINDOW, this.window + 1) : Math.max(SMALLEST_WINDOW, this.window - 1)
  }

  /** What was asked for and has not come is told to whoever asked. */
  close(): void {
    if (this.#hasClosed) return
    this.#hasClosed = true
    this.#socket.destroy()
    this.wire.end()
  }
}
