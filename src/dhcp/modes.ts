/** A server that owns the addresses on some of its interfaces and only names boot files on others. */
import { addressNumber, parseAddress, sameNetwork } from './address.ts'
import { createAddressPolicy } from './address-policy.ts'
import type { Answer, Outcome } from './policy.ts'
import { createProxyPolicy } from './proxy-policy.ts'
import type { ServedInterface } from './subnet.ts'
import type { PolicySettings } from './visit.ts'

export type Mode = 'dhcp' | 'proxy' | 'off'

/** What is done on each interface. */
export interface Modes {
  /** Where the addresses are ours. */
  readonly owned: readonly ServedInterface[]
  /** Where somebody else gives them. */
  readonly beside: readonly ServedInterface[]
}

export function modesOf(interfaces: readonly ServedInterface[], mode: Mode): Modes {
  if (mode === 'off') return { owned: [], beside: [] }
  const isOwned = (served: ServedInterface) => (served.mode ?? mode) === 'dhcp'
  return { owned: interfaces.filter(isOwned), beside: interfaces.filter((served) => !isOwned(served)) }
}

/** Whether a DHCP server at this address is one that we work beside. */
export function isBeside({ owned, beside }: Modes, server: string): boolean {
  if (owned.length === 0) return true
  const address = parseAddress(server)
  return address !== undefined && beside.some((served) => isNeighbour(served, address))
}

function isNeighbour({ address, netmask }: ServedInterface, other: number): boolean {
  return sameNetwork(addressNumber(address), other, addressNumber(netmask))
}

/** The policy for port 67, of whatever is done on the interface that a packet came in by, or may have come in by. */
export function createPolicy(settings: PolicySettings, modes: Modes): Answer {
  const { owned, beside } = modes
  if (beside.length === 0) return createAddressPolicy(settings)
  if (owned.length === 0) return createProxyPolicy(settings)
  const booksOf = (some: readonly ServedInterface[]) =>
    settings.books.filter(({ subnet }) => some.some(({ address }) => address === subnet.interface.address))
  // What machines of those networks say to everybody is not for whoever gives addresses here.
  const elsewhere = (address: string) => settings.elsewhere(address) || isBeside(modes, address)
  const give = createAddressPolicy({ ...settings, books: booksOf(owned), elsewhere })
  const name = createProxyPolicy({ ...settings, books: booksOf(beside) })
  return (packet, arrival) => {
    const served = arrival.interface
    if (served !== undefined) {
      const isBesideThere = beside.some(({ address }) => address === served.address)
      return (isBesideThere ? name : give)(packet, arrival)
    }
    return together(give(packet, arrival), name(packet, arrival))
  }
}

/** Both answer the same broadcast, each on its own interfaces: what they tell alike is told once. */
function together(first: readonly Outcome[], second: readonly Outcome[]): Outcome[] {
  const told = new Set(first.map(({ event }) => event?.name))
  const isNews = ({ event, reply }: Outcome) => reply !== undefined || (event !== undefined && !told.has(event.name))
  const all = [...first, ...second.filter(isNews)]
  const meant = all.filter(({ event }) => event?.name !== 'ignored')
  return meant.length > 0 ? meant : all.slice(0, 1)
}
