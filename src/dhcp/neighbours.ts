/** The networks of this computer that are not served: what is overheard from there is none of our business. */
import { networkInterfaces } from 'node:os'
import { parseAddress, sameNetwork } from './address.ts'
import type { ServedInterface } from './subnet.ts'

/** The answer is kept this long, in milliseconds: a busy network beside ours must not cost us the processor. */
const KEPT_MS = 2_000

interface Network {
  readonly address: number
  readonly netmask: number
}

/** Answers whether an address lies in a network of this computer that is not served, and in none that is. */
export function createElsewhere(
  served: readonly ServedInterface[],
  clock: () => number,
  list: typeof networkInterfaces = networkInterfaces,
): (address: string) => boolean {
  const own = served.flatMap((one) => networkOf(one))
  let others: Network[] = []
  let until = Number.NEGATIVE_INFINITY
  const look = () => {
    const now = clock()
    if (now < until) return
    until = now + KEPT_MS
    const all = Object.entries(list()).filter(([name]) => served.every((one) => one.name !== name))
    others = all.flatMap(([, addresses]) => (addresses ?? []).filter(({ internal }) => !internal).flatMap(networkOf))
  }
  return (text) => {
    const address = parseAddress(text)
    if (address === undefined) return false
    const isIn = ({ address: home, netmask }: Network) => sameNetwork(home, address, netmask)
    if (own.some(isIn)) return false
    look()
    return others.some(isIn)
  }
}

/** Empty for IPv6. */
function networkOf({ address, netmask }: { address: string; netmask: string }): Network[] {
  const [home, mask] = [parseAddress(address), parseAddress(netmask)]
  return home === undefined || mask === undefined ? [] : [{ address: home, netmask: mask }]
}
