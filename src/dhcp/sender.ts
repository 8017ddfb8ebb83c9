/** Sends answers by the sockets of the interfaces that they belong to. */
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

  constructor({ counters, reporter, sockets, clientPort }: SenderOptions) {
    this.#counters = counters
    this.#reporter = reporter
    this.#sockets = sockets
    this.#clientPort = clientPort
  }

  send({ packet, limit, to, from, socket }: Reply): void {
    const sender = this.#sockets()?.[socket].get(from.address)
    if (sender === undefined) return
    const failed = (error: unknown) => {
      this.#counters.sendFailures += 1
      this.#reporter.complain('dhcp.send-failed', `No answer can be sent to ${to.address} by ${from.name}`, error)
    }
    try {
      const port = to.port === 'client' ? this.#clientPort : to.port === 'server' ? sender.address().port : to.port
      const { bytes } = encode(packet, { limit })
      sender.send(bytes, port, to.address, (error) => {
        if (error === null) this.#counters.sent += 1
        else failed(error)
      })
    } catch (error) {
      // What the system would never take is thrown at once, and would end the process.
      failed(error)
    }
  }
}
