import { BoottorrentError } from '../errors.ts'
import { chooseInterface, type Interfaces, type ServedInterface } from './interfaces.ts'
import { networkOf } from './network-types.ts'

/** What the user said about several. */
export interface WantedInterfaces {
  readonly interfaces: readonly string[]
  readonly hostIps: readonly string[]
}

/**
 * The interfaces to serve: those that the user named, those with the addresses that the user named, or the only sensible
 * one.
 *
 * @throws BoottorrentError INTERFACE when one is not there, there is nothing to choose by, or two are in one network
 */
export function chooseInterfaces(interfaces: Interfaces, wanted: WantedInterfaces): ServedInterface[] {
  const chosen = wantedOnes(wanted, interfaces).map((one) => chooseInterface(interfaces, one))
  needEachAddress(chosen, wanted.hostIps)
  needNetworksApart(chosen)
  return chosen
}

function wantedOnes({ interfaces: names, hostIps }: WantedInterfaces, all: Interfaces) {
  const [name] = names
  if (name === undefined) return hostIps.length === 0 ? [{}] : hostIps.map((hostIp) => ({ hostIp }))
  // Of a single one it is known whose address is meant, also when it does not have it.
  if (names.length === 1) return [{ interface: name, hostIp: hostIps[0] }]
  return names.map((one) => ({ interface: one, hostIp: hostIps.find((hostIp) => has(all, one, hostIp)) }))
}

function has(interfaces: Interfaces, name: string, address: string): boolean {
  return Object.hasOwn(interfaces, name) && (interfaces[name]?.some((one) => one.address === address) ?? false)
}

function needEachAddress(chosen: readonly ServedInterface[], hostIps: readonly string[]): void {
  const stray = hostIps.find((hostIp) => chosen.every(({ address }) => address !== hostIp))
  if (stray === undefined) return
  throw new BoottorrentError('INTERFACE', `None of the served interfaces has the address ${stray}.`, {
    hint: `Correct host_ip; the addresses there are ${list(chosen)}.`,
  })
}

/** The system would send the answers to both by one of them. */
function needNetworksApart(chosen: readonly ServedInterface[]): void {
  for (const [index, one] of chosen.entries()) {
    const other = chosen.slice(0, index).find((earlier) => networkOf(earlier) === networkOf(one))
    if (other === undefined) continue
    throw new BoottorrentError('INTERFACE', `${list([other, one])} are in the same network.`, {
      hint: 'Serve one of the two, or give them addresses of different networks.',
    })
  }
}

function list(interfaces: readonly ServedInterface[]): string {
  return interfaces.map(({ name, address }) => `${name} (${address})`).join(' and ')
}
