/** What a server tells: each event to its listeners, and to the log as often as a person can use it. */
import type { Log } from '../log.ts'
import type { DhcpEvent } from './events.ts'
import { Once, RateLimit } from './limit.ts'
import { logEntry } from './report.ts'

/** More lines of one kind than this are a flood, which should not fill the disk. */
const LINES_PER_EVENT = { burst: 1_000, periodMs: 10_000, keys: 64 }

/** Nobody has more DHCP servers on a network than this, but anybody can invent them. */
const OTHER_SERVERS = { burst: 10, periodMs: 60_000, keys: 1 }

/** So many things are remembered as told. */
const TOLD = 4_096

export interface ReporterOptions {
  /** Whether another DHCP server is one that we work beside. */
  readonly isBeside: (server: string) => boolean
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Hands an event to whoever listens. */
  readonly emit: (event: DhcpEvent) => void
}

export class Reporter {
  readonly #isBeside: ReporterOptions['isBeside']
  readonly #log: Log
  readonly #emit: ReporterOptions['emit']
  readonly #lines: RateLimit
  readonly #others: RateLimit
  /** Kinds of events that come so fast that not all are logged, with the time of the last that was not. */
  readonly #flooding = new Map<string, number>()
  readonly #clock: () => number
  /** What was said of machines and other servers, and is not said again. */
  readonly #told = new Once(TOLD)
  /** The same of failures of our own, which no flood of machines makes forgotten. */
  readonly #complained = new Once(TOLD)

  constructor({ isBeside, log, clock, emit }: ReporterOptions) {
    this.#isBeside = isBeside
    this.#log = log
    this.#emit = emit
    this.#clock = clock
    this.#lines = new RateLimit({ ...LINES_PER_EVENT, clock })
    this.#others = new RateLimit({ ...OTHER_SERVERS, clock })
  }

  happened(event: DhcpEvent): void {
    const { name, fact } = event
    if (name === 'no-boot-file' && !this.#told.first(`${name} ${fact.mac}`)) return
    if (name === 'other-server' && !this.#isNewServer(fact.server)) return
    const repeated = name === 'ignored' && !this.#told.first(`${fact.reason} ${fact.mac ?? fact.from}`)
    if (!repeated && this.#mayLog(name)) this.#log(logEntry(event, this.#isBeside))
    try {
      this.#emit(event)
    } catch (error) {
      this.complain('dhcp.failed', `A listener of "${name}" failed`, error)
    }
  }

  /** Something of our own failed; the same failure is told once. */
  complain(event: string, message: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (!this.#complained.first(`${event} ${reason}`)) return
    this.#log({ level: 'error', event, message: `${message}: ${reason}`, reason })
  }

  #isNewServer(server: string): boolean {
    return this.#told.first(`other-server ${server}`) && this.#others.allow('other-server')
  }

  #mayLog(name: string): boolean {
    const now = this.#clock()
    const isAllowed = this.#lines.allow(name)
    const since = this.#flooding.get(name)
    if (isAllowed) {
      // A few lines are allowed while it goes on.
      if (since !== undefined && now - since > LINES_PER_EVENT.periodMs) this.#flooding.delete(name)
      return true
    }
    this.#flooding.set(name, now)
    if (since === undefined) {
      const message = `There are so many events of the kind "${name}" that not all are logged`
      this.#log({ level: 'warn', event: 'dhcp.flood', message, kind: name })
    }
    return false
  }
}
