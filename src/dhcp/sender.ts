/** Sends answers by the sockets of the interfaces that they belong to. */
import type { Socket } from 'node:dgram'
import type { DhcpCounters } from './index.ts'
import { encode } from './packet.ts'
import type { Reply } from './reply.ts'
import type { Reporter } from './reporter.ts'
import type { OpenSockets } from './sockets.ts'

export interface SenderOptions {
  readonly counters: DhcpCounters
  readonly reporter: Reporter
  /** The sockets, while they are open. */
  readonly sockets: () => OpenSockets | undefined
  /** Port of the machines. */
  readonly clientPort: number
}

export class Sender {
  readonly #counters: DhcpCounters
  readonly #reporter: Reporter
  readonly #sockets: SenderOptions['sockets']
  readonly #clientPort: number
  /** Asking a socket for its port is a call into the system, which no packet needs to pay for. */
  readonly #ports = new WeakMap<Socket, number>()

  constructor({ counters, reporter, sockets, clientPort }: SenderOptions) {
    this.#counters = counters
    this.#reporter = reporter
    this.#sockets = sockets
    this.#clientPort = clientPort
  }

  send({ packet, limit, to, from, socket }: Reply): void {
    const sender = this.#sockets()?.[socket].get(from.address)
    if (sender === undefined) return
    try {
      const port = to.port === 'client' ? this.#clientPort : to.port === 'server' ? this.#portOf(sender) : to.port
      sender.send(encode(packet, { limit }).bytes, port, to.address, this.#sent)
    } catch (error) {
      // What the system would never take is thrown at once, and would end the process.
      this.#sent(error)
    }
  }

  /** One for all packets; the error names the address. */
  readonly #sent = (error: unknown): void => {
    if (error === null) {
      this.#counters.sent += 1
      return
    }
    this.#counters.sendFailures += 1
    this.#reporter.complain('dhcp.send-failed', 'An answer cannot be sent', error)
  }

  #portOf(socket: Socket): number {
    const known = this.#ports.get(socket)
    if (known !== undefined) return known
    const { port } = socket.address()
    this.#ports.set(socket, port)
    return port
  }
}
