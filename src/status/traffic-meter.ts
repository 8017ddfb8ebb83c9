import type { StatusTraffic } from './model.ts'

/** Milliseconds between two samples, and how many are kept: ten minutes. */
const INTERVAL = 2000
const KEPT = 300

/** Makes a curve of what the server has sent in all, which only grows, and of what flows between machines. */
export class TrafficMeter {
  readonly #samples: StatusTraffic[] = []
  #lastTime: number | undefined
  #lastBytes = 0

  /** Oldest first. */
  get samples(): readonly StatusTraffic[] {
    return [...this.#samples]
  }

  /**
   * Takes a sample when one is due.
   *
   * @param bytes what the server has sent since it was started
   * @param peers bytes per second between machines, asked for only then
   */
  measure(time: number, bytes: number, peers: () => number): StatusTraffic | undefined {
    if (this.#lastTime !== undefined && time - this.#lastTime < INTERVAL) return undefined
    const seconds = this.#lastTime === undefined ? 1 : (time - this.#lastTime) / 1000
    // A seeder that crashed counts from zero again.
    const sent = bytes < this.#lastBytes ? bytes : bytes - this.#lastBytes
    this.#lastTime = time
    this.#lastBytes = bytes
    const sample = { time, server: Math.round(sent / seconds), peers: peers() }
    this.#samples.push(sample)
    if (this.#samples.length > KEPT) this.#samples.shift()
    return sample
  }
}
