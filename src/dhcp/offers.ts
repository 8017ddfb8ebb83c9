/**
 * Addresses that are held for machines that were offered them and have not asked for them yet.
 *
 * A flood of made-up machines takes many and asks for none, so an offer is worth as much as its machine: one that called
 * before is waited for, one that never did gives way to it.
 */

interface Offer {
  readonly mac: string
  readonly since: number
  readonly until: number
}

/** How long an address is held for a machine that was offered it. */
const OFFER_MS = 30_000
/** An offer gives way to another machine of its kind only when its own had this long to answer. */
const OFFER_GRACE_MS = 2_000

export class Offers {
  readonly #clock: () => number
  /** In the order in which they were made. */
  readonly #offers = new Map<number, Offer>()
  readonly #offerOfMac = new Map<string, number>()
  /** Addresses that were offered to machines that never called before, in this order too. */
  readonly #loose = new Set<number>()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** The address that a machine has been offered and has not asked for yet. */
  of(mac: string): number | undefined {
    const address = this.#offerOfMac.get(mac)
    const offer = address === undefined ? undefined : this.#offers.get(address)
    return offer !== undefined && offer.until > this.#clock() ? address : undefined
  }

  /** The same, also when the time is over and nobody else has it. */
  lastOf(mac: string): number | undefined {
    return this.#offerOfMac.get(mac)
  }

  isHeldForAnother(address: number, mac: string): boolean {
    const offer = this.#offers.get(address)
    if (offer === undefined || offer.mac === mac) return false
    if (offer.until > this.#clock()) return true
    this.forget(address)
    return false
  }

  make(address: number, mac: string, returning: boolean): void {
    this.withdraw(mac)
    this.forget(address)
    const now = this.#clock()
    this.#offers.set(address, { mac, since: now, until: now + OFFER_MS })
    this.#offerOfMac.set(mac, address)
    if (!returning) this.#loose.add(address)
  }

  withdraw(mac: string): void {
    const address = this.#offerOfMac.get(mac)
    if (address !== undefined) this.forget(address)
  }

  forget(address: number): void {
    const offer = this.#offers.get(address)
    if (offer === undefined) return
    this.#offers.delete(address)
    this.#loose.delete(address)
    if (this.#offerOfMac.get(offer.mac) === address) this.#offerOfMac.delete(offer.mac)
  }

  /** The address of an offer that gives way, of those that `fits` accepts. Whoever asks for the address first has it. */
  spare(returning: boolean, fits: (address: number) => boolean): number | undefined {
    if (returning) for (const address of this.#loose) if (fits(address)) return address
    const now = this.#clock()
    for (const [address, offer] of this.#offers) {
      if (now - offer.since < OFFER_GRACE_MS) return undefined
      if (fits(address)) return address
    }
    return undefined
  }

  /** How many are kept, ended ones too. */
  get size(): number {
    return this.#offers.size
  }
}
