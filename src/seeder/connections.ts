import type { Socket } from 'node:net'
import type { SeederLimits } from './index.ts'

/**
 * All connections to the seeder. webtorrent bounds only those that it opens itself.
 *
 * Nobody is refused: when one address has too many, or all together, the connection that has been idle longest gives way, in
 * the second case of the address that has most. So a machine whose old connections are dead gets in, and idle crowds do not last.
 */
export class PeerConnections {
  readonly #limits: SeederLimits
  /** With their addresses; those that have been idle longest first. */
  readonly #open = new Map<Socket, string>()
  /** How many each address has. */
  readonly #counts = new Map<string, number>()
  readonly #deadlines = new Map<Socket, NodeJS.Timeout>()

  constructor(limits: SeederLimits) {
    this.#limits = limits
  }

  /** Takes in one that was just accepted: its handshake has to come in time. */
  accept(socket: Socket): void {
    // Nobody would tell its end.
    if (socket.destroyed) return
    const deadline = setTimeout(() => this.#cutOff(socket), this.#limits.handshakeTimeout)
    this.#deadlines.set(socket, deadline)
    this.#add(socket)
  }

  /** The handshake has come. The connection may be one that we have opened ourselves. */
  shakeHands(socket: Socket): void {
    clearTimeout(this.#deadlines.get(socket))
    this.#deadlines.delete(socket)
    if (this.#open.has(socket)) this.use(socket)
    else if (!socket.destroyed) this.#add(socket)
  }

  /** It is not idle: something is sent to its peer. */
  use(socket: Socket): void {
    const address = this.#open.get(socket)
    if (address === undefined) return
    this.#open.delete(socket)
    this.#open.set(socket, address)
  }

  #add(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    const count = (this.#counts.get(address) ?? 0) + 1
    this.#open.set(socket, address)
    this.#counts.set(address, count)
    socket.once('close', () => this.#forget(socket))
    const { connections, connectionsPerAddress } = this.#limits
    if (count > connectionsPerAddress) this.#cutOffOne((other) => other === address)
    else if (this.#open.size > connections) {
      const most = Math.max(...this.#counts.values())
      this.#cutOffOne((other) => this.#counts.get(other) === most)
    }
  }

  /** Of these addresses, the connection that has been idle longest. */
  #cutOffOne(isOf: (address: string) => boolean): void {
    for (const [socket, address] of this.#open) {
      if (!isOf(address)) continue
      this.#cutOff(socket)
      return
    }
  }

  #cutOff(socket: Socket): void {
    this.#forget(socket)
    socket.destroy()
  }

  #forget(socket: Socket): void {
    clearTimeout(this.#deadlines.get(socket))
    this.#deadlines.delete(socket)
    const address = this.#open.get(socket)
    if (address === undefined) return
    this.#open.delete(socket)
    const left = (this.#counts.get(address) ?? 0) - 1
    if (left > 0) this.#counts.set(address, left)
    else this.#counts.delete(address)
  }
}
