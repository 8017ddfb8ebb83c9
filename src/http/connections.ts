import type { Socket } from 'node:net'
import type { HttpLimits } from './index.ts'
import { Turns } from './turns.ts'

/** All connections: how many each address has, and whose turn it is on each. */
export class Connections {
  readonly #limits: HttpLimits
  readonly #counts = new Map<string, number>()
  readonly #turns = new WeakMap<Socket, Turns>()

  constructor(limits: HttpLimits) {
    this.#limits = limits
  }

  /** Takes in a new one. One address alone cannot take all connections. */
  add(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    const count = (this.#counts.get(address) ?? 0) + 1
    this.#counts.set(address, count)
    socket.once('close', () => {
      const left = (this.#counts.get(address) ?? 1) - 1
      if (left === 0) this.#counts.delete(address)
      else this.#counts.set(address, left)
    })
    if (count > this.#limits.connectionsPerClient) socket.destroy()
  }

  turnsOf(socket: Socket): Turns {
    const turns = this.#turns.get(socket) ?? new Turns(this.#limits.waitingRequests)
    this.#turns.set(socket, turns)
    return turns
  }
}
