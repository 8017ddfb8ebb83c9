import type { Socket } from 'node:net'
import type { HttpLimits } from './index.ts'
import { Turns } from './turns.ts'

/** All connections: how many each address has, and whose turn it is on each. */
export class Connections {
  readonly #limits: HttpLimits
  /** By address, the oldest first. */
  readonly #open = new Map<string, Set<Socket>>()
  readonly #turns = new WeakMap<Socket, Turns>()
  #count = 0

  constructor(limits: HttpLimits) {
    this.#limits = limits
  }

  /**
   * Takes in a new one. One address alone cannot take all connections; a few together neither: when there are too many,
   * the address that has most loses its oldest.
   */
  add(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    const own = this.#open.get(address) ?? new Set()
    if (own.size >= this.#limits.connectionsPerClient) {
      socket.destroy()
      return
    }
    this.#open.set(address, own.add(socket))
    this.#count += 1
    socket.once('close', () => this.#forget(address, socket))
    if (this.#count > this.#limits.connections) this.#cutOffOne()
  }

  turnsOf(socket: Socket): Turns {
    const turns = this.#turns.get(socket) ?? new Turns(this.#limits.waitingRequests)
    this.#turns.set(socket, turns)
    return turns
  }

  #cutOffOne(): void {
    const [greediest] = [...this.#open].sort(([, one], [, other]) => other.size - one.size)
    const [address, sockets] = greediest ?? []
    const [oldest] = sockets ?? []
    if (address === undefined || oldest === undefined) return
    this.#forget(address, oldest)
    oldest.destroy()
  }

  #forget(address: string, socket: Socket): void {
    const own = this.#open.get(address)
    if (own === undefined || !own.delete(socket)) return
    this.#count -= 1
    if (own.size === 0) this.#open.delete(address)
  }
}
