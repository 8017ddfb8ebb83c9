/** How far the making of a torrent is. */
export interface HashingProgress {
  readonly done: number
  readonly bytes: number
  readonly bytesPerSecond: number
  readonly secondsLeft: number
}

/** The speed counts of so many seconds, so that it follows a disk that gets slower. */
const SPEED_SECONDS = 5

/** Speed and time left, from how much is done at which time. Times are milliseconds. */
export class ProgressMeter {
  readonly #samples: { readonly done: number; readonly at: number }[]

  constructor(now: number) {
    this.#samples = [{ done: 0, at: now }]
  }

  measure(done: number, bytes: number, now: number): HashingProgress {
    this.#samples.push({ done, at: now })
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) >= SPEED_SECONDS * 1000)
      this.#samples.shift()
    const [oldest = { done, at: now }] = this.#samples
    const seconds = (now - oldest.at) / 1000
    const bytesPerSecond = seconds > 0 ? (done - oldest.done) / seconds : 0
    const secondsLeft = bytesPerSecond > 0 ? (bytes - done) / bytesPerSecond : Number.POSITIVE_INFINITY
    return { done, bytes, bytesPerSecond, secondsLeft }
  }
}
