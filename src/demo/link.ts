/** Links of limited speed: bytes come through no sooner than they would on a cable. */
import { Transform } from 'node:stream'

/**
 * A timer rings late. So much of what a link could have carried while nobody was ready is carried after all, in
 * milliseconds: without it, a fast link would lose a part of its speed at every wait.
 */
const CATCH_UP_MS = 25

/** One direction of a cable. It carries one thing after the other. */
export class Link {
  bitsPerSecond: number
  readonly #now: () => number
  #freeAt = Number.NEGATIVE_INFINITY

  /** @param now milliseconds of any steady clock */
  constructor(bitsPerSecond: number, now: () => number) {
    this.bitsPerSecond = bitsPerSecond
    this.#now = now
  }

  /** Takes bytes on behind those that it has, and answers when they are through, in milliseconds of its clock. */
  carry(bytes: number): number {
    const begins = Math.max(this.#now() - CATCH_UP_MS, this.#freeAt)
    this.#freeAt = begins + (bytes * 8000) / this.bitsPerSecond
    return this.#freeAt
  }
}

/** A stream through several links, the slowest of which decides. What waits for it waits in the sender's buffers. */
export function through(links: readonly Link[], now: () => number): Transform {
  return new Transform({
    // What waits here is memory of ours; what waits in a socket is the system's.
    readableHighWaterMark: 1,
    writableHighWaterMark: 1,
    transform(chunk: Uint8Array, _encoding, done) {
      const arrivesAt = Math.max(...links.map((link) => link.carry(chunk.length)))
      const wait = arrivesAt - now()
      if (wait < 1) done(null, chunk)
      else setTimeout(done, wait, null, chunk)
    },
  })
}
