/**
 * The requests of one connection, one after the other: HTTP lets a client send the next ones before it has the answer
 * (pipelining, RFC 9112 section 9.3.2), and Node hands out all of them at once.
 */
export class Turns {
  readonly #longest: number
  readonly #waiting: (() => Promise<void>)[] = []
  #isBusy = false

  /** @param longest how many requests may wait for their turn */
  constructor(longest: number) {
    this.#longest = longest
  }

  /**
   * Serves a request when it is its turn. `serve` ends when the answer is over, and never fails.
   *
   * @returns False when too many wait already: this one is not served.
   */
  take(serve: () => Promise<void>): boolean {
    if (this.#isBusy && this.#waiting.length >= this.#longest) return false
    this.#waiting.push(serve)
    if (!this.#isBusy) void this.#run()
    return true
  }

  async #run(): Promise<void> {
    this.#isBusy = true
    for (let serve = this.#waiting.shift(); serve !== undefined; serve = this.#waiting.shift()) await serve()
    this.#isBusy = false
  }
}
