/** What a server tells: each event to its listeners, and to the log as often as a person can use it. */
import type { Log } from '../log.ts'
import type { DhcpEvent } from './events.ts'
import { Once, RateLimit } from './limit.ts'
import { logEntry } from './report.ts'

/** More lines of one kind than this are a flood, which should not fill the disk. */
const LINES_PER_EVENT = { burst: 1_000, periodMs: 10_000, keys: 64 }

/** Complaints, machines and other servers that are remembered as told. */
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
  /** Kinds of events that come so fast that not all are logged. */
  readonly #flooding = new Set<string>()
  /** What was said already and is not said again. */
  readonly #told = new Once(TOLD)
  /** Interfaces whose pool is known to be full. */
  readonly #exhausted = new Set<string | undefined>()

  constructor({ isBeside, log, clock, emit }: ReporterOptions) {
    this.#isBeside = isBeside
    this.#log = log
    this.#emit = emit
    this.#lines = new RateLimit({ ...LINES_PER_EVENT, clock })
  }

  happened(event: DhcpEvent): void {
    const { name, fact } = event
    if (name === 'offer') this.#exhausted.delete(fact.interface)
    if (name === 'pool-exhausted') {
      if (this.#exhausted.has(fact.interface)) return
      this.#exhausted.add(fact.interface)
    }
    if (name === 'no-boot-file' && !this.#told.first(`${name} ${fact.mac}`)) return
    if (name === 'other-server' && !this.#told.first(`${name} ${fact.server}`)) return
    const repeated = name === 'ignored' && !this.#told.first(`${fact.reason} ${fact.mac ?? fact.from}`)
    if (!repeated && this.#mayLog(name)) this.#log(logEntry(event, this.#isBeside))
    this.#emit(event)
  }

  /** Something of our own failed; the same failure is told once. */
  complain(event: string, message: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (!this.#told.first(`${event} ${reason}`)) return
    this.#log({ level: 'error', event, message: `${message}: ${reason}`, reason })
  }

  #mayLog(name: string): boolean {
    if (this.#lines.allow(name)) {
      this.#flooding.delete(name)
      return true
    }
    if (!this.#flooding.has(name)) {
      this.#flooding.add(name)
      const message = `There are so many events of the kind "${name}" that not all are logged`
      this.#log({ level: 'warn', event: 'dhcp.flood', message, kind: name })
    }
    return false
  }
}
