/** What is served where: the networks of the interfaces with their leases, and the policies that answer for them. */
import { addressNumber } from './address.ts'
import type { DhcpServerOptions } from './index.ts'
import { AddressBook, type Lease } from './leases.ts'
import { createPolicy, type Modes, modesOf } from './modes.ts'
import type { Answer } from './policy.ts'
import { createBootServerPolicy } from './proxy-policy.ts'
import { addressesInUse, inNetwork, makeSubnets, type Pool, type ServedInterface, suggestPool } from './subnet.ts'
import { createThisComputer, type ThisComputer } from './this-computer.ts'

export class ServedNetworks {
  readonly interfaces: readonly ServedInterface[]
  readonly modes: Modes
  /** One for each network. */
  readonly books: readonly AddressBook[]
  /** For port 67. */
  readonly answer: Answer
  /** For port 4011. */
  readonly answerBootServer: Answer
  readonly computer: ThisComputer
  /** Leases of networks that are not served now: of where this computer was before, and may be again. */
  readonly #otherLeases = new Map<number, Lease>()

  /** @throws BoottorrentError CONFIGURATION when a pool does not fit its network */
  constructor(options: DhcpServerOptions, clock: () => number) {
    const { interfaces, router = [], dns = [], ntp = [], domain, mode } = options
    this.interfaces = interfaces
    this.modes = modesOf(interfaces, mode)
    this.computer = createThisComputer(interfaces, clock)
    const pools = poolsOf(options, this.modes)
    const subnets = makeSubnets({ interfaces, pools, routers: [router].flat(), dns, ntp, domain })
    const keptBack = { inUse: addressesInUse(subnets), reserved: new Set(options.excluded?.map(addressNumber)) }
    this.books = subnets.map((subnet) => new AddressBook(subnet, keptBack, clock))
    const settings = {
      interfaces,
      books: this.books,
      bootFile: options.bootFile,
      reservations: options.reservations ?? (() => undefined),
      authoritative: options.authoritative ?? false,
      ...this.computer,
      clock,
    }
    this.answer = createPolicy(settings, this.modes)
    this.answerBootServer = createBootServerPolicy(settings)
  }

  /** Goes on with a lease that was given earlier. */
  takeUp(lease: Lease): void {
    const book = this.books.find(({ subnet }) => inNetwork(subnet, lease.address))
    if (book === undefined) this.#otherLeases.set(lease.address, lease)
    else book.commit(lease)
  }

  leaseCount(): number {
    return this.books.reduce((sum, book) => sum + book.leaseCount, this.#otherLeases.size)
  }

  /** Every lease that is to be remembered, expired ones and those of other networks too. */
  leases(): Lease[] {
    return [...this.books.flatMap((book) => [...book.leases()]), ...this.#otherLeases.values()]
  }
}

function poolsOf({ pool }: DhcpServerOptions, { owned }: Modes): readonly Pool[] {
  if (owned.length === 0) return []
  if (pool === undefined) return owned.map((served) => suggestPool(served))
  return [pool].flat()
}
