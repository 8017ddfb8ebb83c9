/**
 * Who has which address in one subnet: leases, offers and quarantined addresses.
 *
 * A machine is its hardware address, also when it sends a client identifier, which RFC 2131 §4.2 would rather have: a
 * machine that network boots speaks in several voices within a minute (firmware, iPXE, our Phase-1, its own system), of
 * which only some send an identifier, and should keep one address; and systems that were cloned onto a whole classroom
 * all send the same one.
 *
 * Pure: time comes in as a number of
 * milliseconds, nothing happens by itself, and memory is bounded by the number of addresses.
 */
import { inNetwork, inPool, type Subnet } from './subnet.ts'

/** What is kept of a lease, in memory and in the journal. */
export interface Lease {
  readonly address: number
  readonly mac: string
  readonly hostname: string | undefined
  /** Milliseconds since 1970; Infinity is for ever, 0 was given back. */
  readonly expires: number
}

/** Addresses that are not given from the pool. */
export interface KeptBack {
  /** Those of our interfaces and of routers: for nobody. */
  readonly inUse: ReadonlySet<number>
  /** For the machine that they are reserved for. */
  readonly reserved: ReadonlySet<number>
}

interface Offer {
  readonly mac: string
  readonly since: number
  readonly until: number
}

/** How long an address is held for a machine that was offered it. */
const OFFER_MS = 30_000
/** A full pool takes back the oldest offer, but only when the machine had this long to answer it. */
const OFFER_GRACE_MS = 2_000
/** How long an address is not given away after a machine found it in use (DECLINE). */
const QUARANTINE_MS = 10 * 60_000

export class AddressBook {
  readonly subnet: Subnet
  readonly #keptBack: KeptBack
  readonly #clock: () => number
  /** Expired leases stay until their address is needed: a machine that returns gets the same one. */
  readonly #leases = new Map<number, Lease>()
  readonly #addressOfMac = new Map<string, number>()
  /** In the order in which they were made. */
  readonly #offers = new Map<number, Offer>()
  readonly #offerOfMac = new Map<string, number>()
  readonly #quarantine = new Map<number, number>()
  /** Until when a search of the whole pool is known to find nothing. */
  #fullUntil = 0

  constructor(subnet: Subnet, keptBack: KeptBack, clock: () => number) {
    this.subnet = subnet
    this.#keptBack = keptBack
    this.#clock = clock
  }

  /** The running lease of a machine. */
  leaseOf(mac: string): Lease | undefined {
    const address = this.#addressOfMac.get(mac)
    const lease = address === undefined ? undefined : this.#leases.get(address)
    return lease !== undefined && lease.expires > this.#clock() ? lease : undefined
  }

  /** The address that a machine has been offered and has not asked for yet. */
  offerOf(mac: string): number | undefined {
    const address = this.#offerOfMac.get(mac)
    const offer = address === undefined ? undefined : this.#offers.get(address)
    return offer !== undefined && offer.until > this.#clock() ? address : undefined
  }

  /**
   * Whether a machine that asks for this address may have it: it lies in the pool or is its fixed one, and nobody else
   * has a lease on it. An offer to somebody else does not count: who asks first has the address.
   */
  isOpen(address: number, mac: string, fixed?: number): boolean {
    const { inUse, reserved } = this.#keptBack
    if (!inNetwork(this.subnet, address) || inUse.has(address)) return false
    if (address !== fixed && (!inPool(this.subnet, address) || reserved.has(address))) return false
    return !this.#leasedToAnother(address, mac) && !this.#isQuarantined(address)
  }

  /** Whether anybody has a lease on the address now. */
  isLeased(address: number): boolean {
    return (this.#leases.get(address)?.expires ?? 0) > this.#clock()
  }

  /** Whether the address lies in this subnet. */
  contains(address: number): boolean {
    return inNetwork(this.subnet, address)
  }

  /** An address for a machine, held for it for a short time; undefined when there is none. */
  offer(mac: string, wishes: { fixed?: number; requested?: number }): number | undefined {
    const address = this.#choose(mac, wishes)
    if (address === undefined) return undefined
    this.withdraw(mac)
    this.#forgetOffer(address)
    const now = this.#clock()
    this.#offers.set(address, { mac, since: now, until: now + OFFER_MS })
    this.#offerOfMac.set(mac, address)
    return address
  }

  /** The machine went to another server, or has its lease. */
  withdraw(mac: string): void {
    const address = this.#offerOfMac.get(mac)
    if (address !== undefined) this.#forgetOffer(address)
  }

  /** Makes a lease, or takes up one from the journal. A machine has one lease in a subnet. */
  commit(lease: Lease): void {
    const before = this.#addressOfMac.get(lease.mac)
    if (before !== undefined) this.#forgetLease(before)
    this.#forgetLease(lease.address)
    this.#leases.set(lease.address, lease)
    this.#addressOfMac.set(lease.mac, lease.address)
    this.withdraw(lease.mac)
    this.#forgetOffer(lease.address)
    this.#fullUntil = 0
  }

  /** The machine gives its address back. Answers what is to be written down. */
  release(mac: string, address: number): Lease | undefined {
    const lease = this.leaseOf(mac)
    if (lease === undefined || lease.address !== address) return undefined
    const released = { ...lease, expires: 0 }
    this.#leases.set(address, released)
    this.#fullUntil = 0
    return released
  }

  /**
   * The machine found somebody else at the address it was given: nobody gets it for a while. Answers what is to be
   * written down, which is nothing when it was only offered; undefined when the machine does not have the address.
   */
  decline(mac: string, address: number): { record: Lease | undefined } | undefined {
    const leased = this.leaseOf(mac)?.address === address
    if (!leased && this.offerOf(mac) !== address) return undefined
    this.withdraw(mac)
    this.#forgetLease(address)
    this.#quarantine.set(address, this.#clock() + QUARANTINE_MS)
    return { record: leased ? { address, mac, hostname: undefined, expires: 0 } : undefined }
  }

  /** All leases, expired ones too, which are remembered for machines that return. */
  leases(): Iterable<Lease> {
    return this.#leases.values()
  }

  /** How many leases `leases` has. */
  get leaseCount(): number {
    return this.#leases.size
  }

  /** How many offers are kept, ended ones too. */
  get openOffers(): number {
    return this.#offers.size
  }

  #choose(mac: string, { fixed, requested }: { fixed?: number; requested?: number }): number | undefined {
    if (fixed !== undefined && this.isOpen(fixed, mac, fixed)) return fixed
    const wishes = [this.#addressOfMac.get(mac), this.#offerOfMac.get(mac), requested]
    for (const address of wishes) {
      if (address !== undefined && this.#isFree(address, mac)) return address
    }
    return this.#search(mac)
  }

  /**
   * Looks through the pool from a place that follows from the mac, so that a machine finds the same address again even
   * when all records are lost. Addresses that nobody had yet come before remembered ones.
   */
  #search(mac: string): number | undefined {
    const { first, last } = this.subnet
    const now = this.#clock()
    if (first === undefined || last === undefined) return undefined
    if (now < this.#fullUntil) return this.#oldestOffer(now)
    const size = last - first + 1
    const start = hash(mac) % size
    let remembered: number | undefined
    for (let step = 0; step < size; step++) {
      const address = first + ((start + step) % size)
      if (!this.#isFree(address, mac)) continue
      if (!this.#leases.has(address)) return address
      remembered ??= address
    }
    if (remembered !== undefined) return remembered
    // A flood of requests must not search a full pool again and again.
    this.#fullUntil = now + 1_000
    return this.#oldestOffer(now)
  }

  /** In a full pool an offer that was not taken up gives way. Whoever asks for the address first has it. */
  #oldestOffer(now: number): number | undefined {
    for (const [address, offer] of this.#offers) {
      if (now - offer.since < OFFER_GRACE_MS) return undefined
      if (!this.isLeased(address) && inPool(this.subnet, address)) return address
    }
    return undefined
  }

  #isFree(address: number, mac: string): boolean {
    return this.isOpen(address, mac) && !this.#offeredToAnother(address, mac)
  }

  #leasedToAnother(address: number, mac: string): boolean {
    const lease = this.#leases.get(address)
    return lease !== undefined && lease.mac !== mac && lease.expires > this.#clock()
  }

  #offeredToAnother(address: number, mac: string): boolean {
    const offer = this.#offers.get(address)
    if (offer === undefined || offer.mac === mac) return false
    if (offer.until > this.#clock()) return true
    this.#forgetOffer(address)
    return false
  }

  #isQuarantined(address: number): boolean {
    const until = this.#quarantine.get(address)
    if (until === undefined) return false
    if (until > this.#clock()) return true
    this.#quarantine.delete(address)
    return false
  }

  /** Whose lease it was keeps what it has elsewhere. */
  #forgetLease(address: number): void {
    const lease = this.#leases.get(address)
    if (lease === undefined) return
    this.#leases.delete(address)
    if (this.#addressOfMac.get(lease.mac) === address) this.#addressOfMac.delete(lease.mac)
  }

  #forgetOffer(address: number): void {
    const offer = this.#offers.get(address)
    if (offer === undefined) return
    this.#offers.delete(address)
    if (this.#offerOfMac.get(offer.mac) === address) this.#offerOfMac.delete(offer.mac)
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value >>> 0
}
