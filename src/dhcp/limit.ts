/** Things that are bounded by design: how often one peer is answered, and how often one complaint is logged. */

/** A map that forgets its oldest entry when it is full. */
export class BoundedMap<Key, Value> {
  readonly #map = new Map<Key, Value>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key)
  }

  /** Sets the entry and makes it the youngest. */
  set(key: Key, value: Value): void {
    this.#map.delete(key)
    this.#map.set(key, value)
    if (this.#map.size <= this.#limit) return
    const oldest = this.#map.keys().next()
    if (!oldest.done) this.#map.delete(oldest.value)
  }

  get size(): number {
    return this.#map.size
  }
}

/** Answers whether this is the first time for a key, as far as it remembers. */
export class Once {
  readonly #seen: BoundedMap<string, true>

  constructor(limit: number) {
    this.#seen = new BoundedMap(limit)
  }

  first(key: string): boolean {
    if (this.#seen.get(key)) return false
    this.#seen.set(key, true)
    return true
  }
}

/** Allows each key so many times at once, and as many again over each period (a token bucket per key). */
export class RateLimit {
  readonly #buckets: BoundedMap<string, { tokens: number; at: number }>
  readonly #burst: number
  readonly #periodMs: number
  readonly #clock: () => number

  constructor(options: { burst: number; periodMs: number; keys: number; clock: () => number }) {
    this.#burst = options.burst
    this.#periodMs = options.periodMs
    this.#clock = options.clock
    this.#buckets = new BoundedMap(options.keys)
  }

  allow(key: string): boolean {
    const now = this.#clock()
    const bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      this.#buckets.set(key, { tokens: this.#burst - 1, at: now })
      return true
    }
    const earned = (Math.max(0, now - bucket.at) / this.#periodMs) * this.#burst
    bucket.tokens = Math.min(this.#burst, bucket.tokens + earned)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}
