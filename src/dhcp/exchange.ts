/**
 * The way of one packet: it is read, held to what a machine may send, answered by a policy when its turn comes; then its
 * lease is written down, the answer sent and everybody told, in this order.
 */
import type { RemoteInfo } from 'node:dgram'
import { macOf } from './client.ts'
import type { DhcpCounters } from './index.ts'
import type { Journal } from './journal.ts'
import { RateLimit } from './limit.ts'
import { type DhcpPacket, decode } from './packet.ts'
import type { Answer, Arrival, Outcome } from './policy.ts'
import { Recall } from './recall.ts'
import type { Reply } from './reply.ts'
import type { Reporter } from './reporter.ts'
import { WaitingRoom } from './waiting-room.ts'

/** A machine that boots sends about a dozen packets a minute. */
const PACKETS_PER_MACHINE = { burst: 20, periodMs: 10_000, keys: 8_192 }

/** A disk that is so many leases behind is given no more: the machines ask again. */
const LONGEST_BACKLOG = 10_000

export interface ExchangeOptions {
  readonly counters: DhcpCounters
  readonly reporter: Reporter
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Where leases are kept, once it is open. */
  readonly journal: () => Journal | undefined
  /** Whether a machine has, had or was offered an address. */
  readonly isKnown: (mac: string) => boolean
  readonly send: (reply: Reply) => void
}

interface Received {
  readonly packet: DhcpPacket
  readonly arrival: Arrival
  readonly answer: Answer
}

export class Exchange {
  readonly #options: ExchangeOptions
  readonly #limit: RateLimit
  readonly #recall: Recall
  readonly #waiting = new WaitingRoom<Received>(
    (received) => this.#serve(received),
    () => {
      this.#options.counters.limited += 1
    },
  )

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#limit = new RateLimit({ ...PACKETS_PER_MACHINE, clock: options.clock })
    this.#recall = new Recall(options.clock)
  }

  /** @param way how it came in, but for the sender */
  receive(bytes: Uint8Array, from: RemoteInfo, answer: Answer, way: Omit<Arrival, 'from' | 'returning'>): void {
    const { counters, reporter, journal, isKnown } = this.#options
    counters.received += 1
    this.#waiting.received()
    const { packet, reason } = from.port === 0 ? { reason: 'port 0 cannot be answered' } : decode(bytes)
    if (packet === undefined) {
      counters.malformed += 1
      reporter.happened({ name: 'ignored', fact: { reason, from: `${from.address}:${from.port}` } })
      return
    }
    const mac = macOf(packet)
    // By sender too: who borrows the name of another machine elsewhere must not silence that one.
    if (!this.#limit.allow(`${mac} ${from.address}`)) {
      counters.limited += 1
      const fact = { reason: 'it sends more packets than a machine has reason to', from: from.address, mac }
      reporter.happened({ name: 'ignored', fact })
      return
    }
    if ((journal()?.backlog ?? 0) > LONGEST_BACKLOG) {
      counters.limited += 1
      return
    }
    if (isKnown(mac)) {
      this.#serve({ packet, answer, arrival: { ...way, from, returning: true } })
      return
    }
    const returning = this.#recall.calledBefore(mac)
    this.#waiting.enter({ packet, answer, arrival: { ...way, from, returning } }, returning)
  }

  /** What waits for its turn is left unanswered. */
  close(): void {
    this.#waiting.close()
  }

  #serve({ packet, arrival, answer }: Received): void {
    for (const outcome of this.#outcomes(answer, packet, arrival)) this.#perform(outcome)
  }

  /** A caller's function that throws must not end the server. */
  #outcomes(answer: Answer, ...visit: Parameters<Answer>): Outcome[] {
    try {
      return answer(...visit)
    } catch (error) {
      this.#options.reporter.complain('dhcp.failed', 'A packet could not be answered', error)
      return []
    }
  }

  #perform({ event, record, reply }: Outcome): void {
    const { reporter, send } = this.#options
    const journal = this.#options.journal()
    const finish = () => {
      if (reply !== undefined) send(reply)
      if (event !== undefined) reporter.happened(event)
    }
    if (record === undefined || journal === undefined) finish()
    else void journal.append(record).then(finish)
  }
}
