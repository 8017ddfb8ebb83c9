/** What is known of this computer itself: networks that are not served, and hardware addresses that are its own. */
import { networkInterfaces } from 'node:os'
import { parseAddress, sameNetwork } from './address.ts'
import type { ServedInterface } from './subnet.ts'

/** What was found is kept this long, in milliseconds: a busy network must not cost us the processor. */
const KEPT_MS = 2_000

export interface ThisComputer {
  /** Whether an address lies in a network of this computer that is not served, and in none that is. */
  elsewhere(address: string): boolean
  /** Whether a hardware address is one of this computer. */
  isOwn(mac: string): boolean
}

interface Network {
  readonly address: number
  readonly netmask: number
}

export function createThisComputer(
  served: readonly ServedInterface[],
  clock: () => number,
  list: typeof networkInterfaces = networkInterfaces,
): ThisComputer {
  const home = served.flatMap((one) => networkOf(one))
  let others: Network[] = []
  let macs = new Set<string>()
  let until = Number.NEGATIVE_INFINITY
  const look = () => {
    const now = clock()
    if (now < until) return
    until = now + KEPT_MS
    const all = Object.entries(list()).map(([name, addresses]) => ({ name, addresses: addresses ?? [] }))
    const foreign = all.filter(({ name }) => served.every((one) => one.name !== name))
    others = foreign.flatMap(({ addresses }) => addresses.filter(({ internal }) => !internal).flatMap(networkOf))
    macs = new Set(all.flatMap(({ addresses }) => addresses.map(({ mac }) => mac)))
  }
  return {
    elsewhere(text) {
      const address = parseAddress(text)
      if (address === undefined) return false
      const isIn = (network: Network) => sameNetwork(network.address, address, network.netmask)
      if (home.some(isIn)) return false
      look()
      return others.some(isIn)
    },
    isOwn(mac) {
      look()
      return macs.has(mac)
    },
  }
}

/** Empty for IPv6. */
function networkOf({ address, netmask }: { address: string; netmask: string }): Network[] {
  const [number, mask] = [parseAddress(address), parseAddress(netmask)]
  return number === undefined || mask === undefined ? [] : [{ address: number, netmask: mask }]
}
