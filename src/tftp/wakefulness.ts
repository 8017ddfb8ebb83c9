/** Milliseconds between packets that are called fast, and for which a thread stays awake after such a one. */
const FAST = 0.1

/**
 * Keeps a thread from falling asleep while packets come fast. With a window of 1 a client on a fast link answers sooner than
 * a sleeping thread is woken. On slower links nothing is ever fast, and nothing is spent.
 */
export class Wakefulness {
  readonly #now: () => number
  #last = Number.NEGATIVE_INFINITY
  #isAwake = false

  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether the thread is kept awake now. */
  get isAwake(): boolean {
    return this.#isAwake
  }

  /** A packet came in. */
  packet(): void {
    const now = this.#now()
    const isFast = now - this.#last < FAST
    this.#last = now
    if (!isFast || this.#isAwake) return
    this.#isAwake = true
    setImmediate(this.#look)
  }

  /** While there is something to do at once, the thread only looks whether packets are there, and does not wait for them. */
  readonly #look = (): void => {
    this.#isAwake = this.#now() - this.#last < FAST
    if (this.#isAwake) setImmediate(this.#look)
  }
}
