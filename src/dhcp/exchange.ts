/**
 * The way of one packet: it is read, held to what a machine may send, answered by a policy; then its lease is written
 * down, the answer sent and everybody told, in this order.
 */
import type { RemoteInfo } from 'node:dgram'
import { macOf } from './client.ts'
import type { DhcpCounters } from './index.ts'
import type { Journal } from './journal.ts'
import { RateLimit } from './limit.ts'
import { decode } from './packet.ts'
import type { Answer, Arrival, Outcome } from './policy.ts'
import type { Reply } from './reply.ts'
import type { Reporter } from './reporter.ts'

/** A machine that boots sends about a dozen packets a minute. */
const PACKETS_PER_MACHINE = { burst: 20, periodMs: 10_000, keys: 8_192 }

export interface ExchangeOptions {
  readonly counters: DhcpCounters
  readonly reporter: Reporter
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Where leases are kept, once it is open. */
  readonly journal: () => Journal | undefined
  readonly send: (reply: Reply) => void
}

export class Exchange {
  readonly #counters: DhcpCounters
  readonly #reporter: Reporter
  readonly #limit: RateLimit
  readonly #journal: ExchangeOptions['journal']
  readonly #send: ExchangeOptions['send']

  constructor({ counters, reporter, clock, journal, send }: ExchangeOptions) {
    this.#counters = counters
    this.#reporter = reporter
    this.#limit = new RateLimit({ ...PACKETS_PER_MACHINE, clock })
    this.#journal = journal
    this.#send = send
  }

  /** @param way how it came in, but for the sender */
  receive(bytes: Uint8Array, from: RemoteInfo, answer: Answer, way: Omit<Arrival, 'from'>): void {
    this.#counters.received += 1
    const { packet, reason } = from.port === 0 ? { reason: 'port 0 cannot be answered' } : decode(bytes)
    if (packet === undefined) {
      this.#counters.malformed += 1
      this.#reporter.happened({ name: 'ignored', fact: { reason, from: `${from.address}:${from.port}` } })
      return
    }
    const mac = macOf(packet)
    if (!this.#limit.allow(mac)) {
      this.#counters.limited += 1
      const fact = { reason: 'it sends more packets than a machine has reason to', from: from.address, mac }
      this.#reporter.happened({ name: 'ignored', fact })
      return
    }
    for (const outcome of this.#outcomes(answer, packet, { ...way, from })) this.#perform(outcome)
  }

  /** A caller's function that throws must not end the server. */
  #outcomes(answer: Answer, ...visit: Parameters<Answer>): Outcome[] {
    try {
      return answer(...visit)
    } catch (error) {
      this.#reporter.complain('dhcp.failed', 'A packet could not be answered', error)
      return []
    }
  }

  #perform({ event, record, reply }: Outcome): void {
    const finish = () => {
      if (reply !== undefined) this.#send(reply)
      if (event !== undefined) this.#reporter.happened(event)
    }
    const journal = this.#journal()
    if (record === undefined || journal === undefined) {
      finish()
      return
    }
    void journal.append(record).then(finish)
  }
}
