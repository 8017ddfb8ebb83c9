/**
 * The starts and closes of a server, one after the other: whoever closes it while it still starts finds nothing left
 * running, and a second start of a running server does nothing.
 */
export class Lifecycle {
  readonly #open: () => Promise<void>
  readonly #shut: () => Promise<void>
  #isRunning = false
  /** The last step that was asked for; never fails. */
  #last: Promise<void> = Promise.resolve()

  /**
   * @param open makes the server run, or fails and leaves nothing open
   * @param shut ends a running server
   */
  constructor(open: () => Promise<void>, shut: () => Promise<void>) {
    this.#open = open
    this.#shut = shut
  }

  start(): Promise<void> {
    return this.#next(async () => {
      if (this.#isRunning) return
      await this.#open()
      this.#isRunning = true
    })
  }

  close(): Promise<void> {
    return this.#next(async () => {
      if (!this.#isRunning) return
      this.#isRunning = false
      await this.#shut()
    })
  }

  #next(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step)
    this.#last = done.catch(() => {})
    return done
  }
}
