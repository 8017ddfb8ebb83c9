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
import { hash } from './hash.ts'
import { Offers } from './offers.ts'
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

/** What is known of a machine that looks for an address. */
export interface Wishes {
  /** Reserved for it. */
  readonly fixed?: number | undefined
  readonly requested?: number | undefined
  /** Whether it called before, as a real machine does that got no answer. */
  readonly returning?: boolean | undefined
}

/** How long an address is not given away after a machine found it in use (DECLINE). */
const QUARANTINE_MS = 10 * 60_000
/** In a full pool a machine that calls again may try such an address after this time: whoever had it may be gone. */
const SHORTEST_QUARANTINE_MS = 10_000
/** How long a search of the whole pool that found nothing is trusted. */
const SEARCH_AGAIN_MS = 1_000
/** A pool that fills and recovers all the time says so no more often. */
const TELL_AGAIN_MS = 60_000

export class AddressBook {
  readonly subnet: Subnet
  readonly #keptBack: KeptBack
  readonly #clock: () => number
  /** Expired leases stay until their address is needed: a machine that returns gets the same one. */
  readonly #leases = new Map<number, Lease>()
  readonly #addressOfMac = new Map<string, number>()
  readonly #offers: Offers
  /** Until when nobody gets the address, in the order in which they were declined. */
  readonly #quarantine = new Map<number, number>()
  /** Until when a search of the whole pool is known to find no address that nobody had yet, and none at all. */
  #noFreshUntil = 0
  #fullUntil = 0
  /** Whether an address was found since it was last told that there is none, and when that was. */
  #hadAddress = true
  #toldFull = Number.NEGATIVE_INFINITY

  constructor(subnet: Subnet, keptBack: KeptBack, clock: () => number) {
    this.subnet = subnet
    this.#keptBack = keptBack
    this.#clock = clock
    this.#offers = new Offers(clock)
  }

  /** The running lease of a machine. */
  leaseOf(mac: string): Lease | undefined {
    const address = this.#addressOfMac.get(mac)
    const lease = address === undefined ? undefined : this.#leases.get(address)
    return lease !== undefined && lease.expires > this.#clock() ? lease : undefined
  }

  /** The address that a machine has been offered and has not asked for yet. */
  offerOf(mac: string): number | undefined {
    return this.#offers.of(mac)
  }

  /** Whether the machine has, had or was offered an address here. */
  knows(mac: string): boolean {
    return this.#addressOfMac.has(mac) || this.#offers.lastOf(mac) !== undefined
  }

  /** Whether the machine has, had or was offered this address, and so comes to ask for it. */
  isExpected(mac: string, address: number): boolean {
    return this.#addressOfMac.get(mac) === address || this.#offers.lastOf(mac) === address
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
  offer(mac: string, wishes: Wishes): number | undefined {
    const address = this.#choose(mac, wishes)
    if (address !== undefined) this.#offers.make(address, mac, wishes.returning ?? false)
    return address
  }

  /** Whether it is news that there is no address: once, and again after there was one. */
  tellsFull(): boolean {
    const now = this.#clock()
    if (!this.#hadAddress || now - this.#toldFull < TELL_AGAIN_MS) return false
    this.#hadAddress = false
    this.#toldFull = now
    return true
  }

  /** The machine went to another server, or has its lease. */
  withdraw(mac: string): void {
    this.#offers.withdraw(mac)
  }

  /** Makes a lease, or takes up one from the journal. A machine has one lease in a subnet. */
  commit(lease: Lease): void {
    const before = this.#addressOfMac.get(lease.mac)
    if (before !== undefined && before !== lease.address) {
      this.#forgetLease(before)
      this.#searchAnew()
    }
    this.#forgetLease(lease.address)
    this.#leases.set(lease.address, lease)
    this.#addressOfMac.set(lease.mac, lease.address)
    this.withdraw(lease.mac)
    this.#offers.forget(lease.address)
  }

  /** The machine gives its address back. Answers what is to be written down. */
  release(mac: string, address: number): Lease | undefined {
    const lease = this.leaseOf(mac)
    if (lease === undefined || lease.address !== address) return undefined
    const released = { ...lease, expires: 0 }
    this.#leases.set(address, released)
    this.#searchAnew()
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
    this.#quarantine.delete(address)
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

  #choose(mac: string, { fixed, requested, returning = false }: Wishes): number | undefined {
    if (fixed !== undefined && this.isOpen(fixed, mac, fixed)) return fixed
    const wishes = [this.#addressOfMac.get(mac), this.#offers.lastOf(mac), requested]
    for (const address of wishes) {
      if (address !== undefined && this.#isFree(address, mac)) return address
    }
    const found = this.#search(mac)
    if (found !== undefined) this.#hadAddress = true
    return found ?? this.#giveWay(returning)
  }

  /**
   * Looks through the pool from a place that follows from the mac, so that a machine finds the same address again even
   * when all records are lost. Addresses that nobody had yet come before remembered ones.
   */
  #search(mac: string): number | undefined {
    const { first, last } = this.subnet
    const now = this.#clock()
    if (first === undefined || last === undefined || now < this.#fullUntil) return undefined
    const size = last - first + 1
    const start = hash(mac) % size
    let remembered: number | undefined
    for (let step = 0; step < size; step++) {
      const address = first + ((start + step) % size)
      if (!this.#isFree(address, mac)) continue
      if (!this.#leases.has(address)) return address
      remembered ??= address
      if (now < this.#noFreshUntil) return remembered
    }
    // A flood of requests must not search a whole pool again and again.
    this.#noFreshUntil = now + SEARCH_AGAIN_MS
    if (remembered === undefined) this.#fullUntil = now + SEARCH_AGAIN_MS
    return remembered
  }

  #searchAnew(): void {
    this.#noFreshUntil = 0
    this.#fullUntil = 0
  }

  /** In a full pool an offer that was not taken up gives way, and for a machine that calls again a declined address. */
  #giveWay(returning: boolean): number | undefined {
    const isSpare = (address: number) => !this.isLeased(address) && inPool(this.subnet, address)
    const offered = this.#offers.spare(returning, isSpare)
    if (offered !== undefined || !returning) return offered
    const latest = this.#clock() + QUARANTINE_MS - SHORTEST_QUARANTINE_MS
    for (const [address, until] of this.#quarantine) {
      if (until > latest) return undefined
      if (!isSpare(address)) continue
      this.#quarantine.delete(address)
      return address
    }
    return undefined
  }

  #isFree(address: number, mac: string): boolean {
    return this.isOpen(address, mac) && !this.#offers.isHeldForAnother(address, mac)
  }

  #leasedToAnother(address: number, mac: string): boolean {
    const lease = this.#leases.get(address)
    return lease !== undefined && lease.mac !== mac && lease.expires > this.#clock()
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
}
