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

  /**
   * Changes something of a running server, when what was asked for before is done.
   *
   * @returns false when it does not run, and nothing was done
   */
  change(step: () => Promise<void>): Promise<boolean> {
    return this.#next(async () => {
      if (this.#isRunning) await step()
      return this.#isRunning
    })
  }

  #next<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(step)
    this.#last = done.then(
      () => {},
      () => {},
    )
    return done
  }
}
