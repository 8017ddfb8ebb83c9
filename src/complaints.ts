import type { Log, LogEntry, LogLevel } from './log.ts'

/** After this many milliseconds the same complaint is news again. */
const MEMORY_SPAN = 10 * 60 * 1000
/** Different complaints of one level that are logged within one span; a flood is not worth more lines, nor more memory. */
const MEMORY_SIZE = 1000

/** Passes each complaint to the log once, however often it comes: bad input costs a line per kind and peer, no more. */
export class Complaints {
  readonly #log: Log
  readonly #now: () => number
  /** By level: whatever clients do is no error, and so hides none. */
  readonly #seen = new Map<LogLevel, Set<string>>()
  #since: number

  constructor(log: Log, now: () => number) {
    this.#log = log
    this.#now = now
    this.#since = now()
  }

  /** @param key - What makes it the same complaint: its kind and the peer. */
  once(key: string, entry: LogEntry): void {
    const now = this.#now()
    if (now - this.#since > MEMORY_SPAN) {
      this.#seen.clear()
      this.#since = now
    }
    const seen = this.#seen.get(entry.level) ?? new Set()
    this.#seen.set(entry.level, seen)
    if (seen.has(key) || seen.size >= MEMORY_SIZE) return
    seen.add(key)
    this.#log(entry)
  }
}
