/**
 * Remembers in constant memory which hardware addresses called within the last half minute. A machine that got no answer
 * calls again after a second or more; a flood of made-up machines has every time another address.
 *
 * `secs`, where a client says how long it has been trying (RFC 2131 §2), would say the same, but anybody can write it, and
 * some firmware never does.
 */
import { hash } from './hash.ts'

/** 4 MiB, of which only what is written is in memory. At 50 000 new callers a second one is remembered for 20 seconds. */
const SLOTS = 2 ** 20
/** Milliseconds of one unit of time, of which a slot has 20 bits; the other 12 tell callers of the same slot apart. */
const TICK = 125
const TIME = 0xfffff
/** Copies of one call, by several relay agents for example, are no second call. */
const SOONEST = 500 / TICK
const LATEST = 30_000 / TICK

export class Recall {
  readonly #slots = new Uint32Array(SLOTS)
  readonly #clock: () => number

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** Notes a call, and answers whether it is not the first one. */
  calledBefore(caller: string): boolean {
    const key = spread(hash(caller))
    const slot = key % SLOTS
    const mark = Math.floor(key / SLOTS)
    const now = Math.floor(this.#clock() / TICK) & TIME
    const noted = this.#slots[slot] as number
    const age = (now - (noted & TIME)) & TIME
    const isSame = noted !== 0 && noted >>> 20 === mark && age <= LATEST
    if (!isSame) this.#slots[slot] = ((mark << 20) | now) >>> 0
    return isSame && age >= SOONEST
  }
}

/** Machines of one maker differ in a few bits: this spreads them over all of a number (the end of MurmurHash3). */
function spread(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
