/**
 * Decides when a change is complete. Whoever copies an image changes it a thousand times, and nobody wants it hashed before
 * the last one: so what is seen has to stay the same for a while. Times are milliseconds.
 */
export class SettledChange {
  readonly #quiet: number
  /** What was acted upon last. */
  #known: string
  #seen: { readonly signature: string; readonly since: number } | undefined

  /** @param quiet for how long nothing may have changed */
  constructor(signature: string, quiet: number) {
    this.#known = signature
    this.#quiet = quiet
  }

  /**
   * @returns `settled`, once, when there is something new that has stayed as it is; `changing` before that; `same` when all is as
   *   it was when that was last said.
   */
  look(signature: string, now: number): 'same' | 'changing' | 'settled' {
    if (signature === this.#known) {
      this.#seen = undefined
      return 'same'
    }
    if (this.#seen?.signature !== signature) this.#seen = { signature, since: now }
    if (now - this.#seen.since < this.#quiet) return 'changing'
    this.#known = signature
    this.#seen = undefined
    return 'settled'
  }
}
