/** The switch in the middle of the room, which is as fast as this computer can simulate it. */
import { Link } from './link.ts'

/** Bits per second. */
const FASTEST = 10e9
const SLOWEST = 50e6
/** A thread that is called so much later than it wanted has too much to do, in milliseconds. */
const LATE_MS = 400
const LOOK_EVERY_MS = 50
const SLOWER = 0.8
const FASTER = 1.1

/**
 * What is more than the processor can carry would make everything late, also what machines report, and they would look as
 * if they had been switched off. So the switch slows down when its thread is late, and recovers when it is not.
 */
export class Switch extends Link implements Disposable {
  readonly #now: () => number
  readonly #looking: NodeJS.Timeout
  #lookedAt: number
  #carried = 0

  /** @param now milliseconds of any steady clock */
  constructor(now: () => number) {
    super(FASTEST, now)
    this.#now = now
    this.#lookedAt = now()
    this.#looking = setInterval(() => this.look(), LOOK_EVERY_MS).unref()
  }

  override carry(bytes: number): number {
    this.#carried += bytes
    return super.carry(bytes)
  }

  /** Looks how late it is called; to be called every so often. */
  look(): void {
    const passed = this.#now() - this.#lookedAt
    // A speed that nobody used says nothing about what would be too fast.
    const used = (this.#carried * 8000) / passed
    this.#lookedAt += passed
    this.#carried = 0
    const isLate = passed > LOOK_EVERY_MS + LATE_MS
    if (isLate) this.bitsPerSecond = Math.max(SLOWEST, Math.min(this.bitsPerSecond, used) * SLOWER)
    else this.bitsPerSecond = Math.min(FASTEST, this.bitsPerSecond * FASTER)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking)
  }
}
