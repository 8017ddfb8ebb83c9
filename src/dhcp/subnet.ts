/** The networks a server gives addresses in: the served interfaces' own, and those behind relay agents. */
import { BoottorrentError } from '../errors.ts'
import {
  addressNumber,
  broadcastAddress,
  formatAddress,
  isNetmask,
  networkAddress,
  parseAddress,
  sameNetwork,
} from './address.ts'

/** One served interface. */
export interface ServedInterface {
  /** As the system calls it: `eth0`. */
  readonly name: string
  /** Its IPv4 address; also our server identifier there. */
  readonly address: string
  readonly netmask: string
  /** What is done on this one, where it is not what the server does elsewhere. */
  readonly mode?: 'dhcp' | 'proxy'
}

/** Addresses to give away. */
export interface Pool {
  readonly first: string
  readonly last: string
  /** Needed for a network behind a relay agent; a served interface knows its own. */
  readonly netmask?: string
  /** Seconds; Infinity is allowed. */
  readonly leaseSeconds: number
  /** Default: the one of the server's `router` that lies in this network. */
  readonly router?: string
  readonly dns?: readonly string[]
  /** Time servers. */
  readonly ntp?: readonly string[]
  readonly domain?: string
}

/** One network with its pool, in the numbers that policy counts with. */
export interface Subnet {
  /** The interface that serves it; for a network behind a relay agent any, as its packets come in by unicast. */
  readonly interface: ServedInterface
  readonly relayed: boolean
  readonly netmask: number
  readonly network: number
  /** First and last address of the pool; undefined when only reservations are given. */
  readonly first: number | undefined
  readonly last: number | undefined
  readonly leaseSeconds: number
  readonly router: string | undefined
  readonly dns: readonly string[]
  readonly ntp: readonly string[]
  readonly domain: string | undefined
}

export interface SubnetSettings {
  readonly interfaces: readonly ServedInterface[]
  readonly pools: readonly Pool[]
  readonly routers: readonly string[]
  readonly dns: readonly string[]
  readonly ntp: readonly string[]
  readonly domain: string | undefined
}

/** More than this many addresses in one pool are surely a mistake, and would cost memory. */
const LARGEST_POOL = 65_536
const DEFAULT_LEASE_SECONDS = 12 * 3600

export function makeSubnets(settings: SubnetSettings): Subnet[] {
  const served = settings.interfaces.map((served) => {
    const netmask = needNetmask(served.netmask, `interface ${served.name}`)
    const network = networkAddress(needAddress(served.address, `interface ${served.name}`), netmask)
    return { served, netmask, network }
  })
  const ranges = settings.pools.map((pool) => {
    const { first, last } = needRange(pool)
    const own = served.find(({ netmask, network }) => networkAddress(first, netmask) === network)
    if (own === undefined && pool.netmask === undefined) {
      throw new BoottorrentError(
        'CONFIGURATION',
        `The address range ${pool.first}-${pool.last} is not in the network of any served interface`,
        {
          hint: `Choose a range in ${served.map(({ served: { address, netmask } }) => `${address}/${netmask}`).join(' or ')}, or give the range a netmask when a relay agent serves it.`,
        },
      )
    }
    const netmask =
      own?.netmask ?? needNetmask(pool.netmask ?? '255.255.255.0', `address range ${pool.first}-${pool.last}`)
    const network = networkAddress(first, netmask)
    if (networkAddress(last, netmask) !== network) {
      throw new BoottorrentError('CONFIGURATION', `The address range ${pool.first}-${pool.last} leaves its network`, {
        hint: `Both ends must lie in ${formatAddress(network)}/${formatAddress(netmask)}.`,
      })
    }
    return { pool, first, last, netmask, network, own }
  })
  needOneRangeEach(ranges)

  const subnets: Subnet[] = ranges.map(({ pool, first, last, netmask, network, own }) => ({
    interface: own?.served ?? firstOf(settings.interfaces),
    relayed: own === undefined,
    netmask,
    network,
    first,
    last,
    leaseSeconds: pool.leaseSeconds,
    router: pool.router ?? routerIn(network, netmask, settings.routers),
    dns: pool.dns ?? settings.dns,
    ntp: pool.ntp ?? settings.ntp,
    domain: pool.domain ?? settings.domain,
  }))
  for (const { served: one, netmask, network } of served) {
    if (subnets.some((subnet) => !subnet.relayed && subnet.interface === one)) continue
    const { dns, ntp, domain } = settings
    const router = routerIn(network, netmask, settings.routers)
    const nothing = { first: undefined, last: undefined }
    subnets.push({
      ...{ interface: one, relayed: false, netmask, network, ...nothing },
      ...{ leaseSeconds: DEFAULT_LEASE_SECONDS, router, dns, ntp, domain },
    })
  }
  return subnets
}

function routerIn(network: number, netmask: number, routers: readonly string[]): string | undefined {
  return routers.find((router) => sameNetwork(needAddress(router, 'router'), network, netmask))
}

/** Which of two ranges a machine's address should come from, nobody could say. */
function needOneRangeEach(ranges: readonly { pool: Pool; network: number; netmask: number }[]): void {
  for (const [index, { pool, network, netmask }] of ranges.entries()) {
    const other = ranges.slice(0, index).find((one) => sameNetwork(one.network, network, netmask))
    if (other === undefined) continue
    const both = `${other.pool.first}-${other.pool.last} and ${pool.first}-${pool.last}`
    throw new BoottorrentError('CONFIGURATION', `The address ranges ${both} are of one network`, {
      hint: 'Give each network one range.',
    })
  }
}

/**
 * A range for a network whose user named none: the upper half of it without its last tenth, where people like to put
 * fixed machines, and never more than 4096 addresses. The interface's own address is left out when addresses are given.
 */
export function suggestPool(served: ServedInterface, leaseSeconds = DEFAULT_LEASE_SECONDS): Pool {
  const netmask = needNetmask(served.netmask, `interface ${served.name}`)
  const address = needAddress(served.address, `interface ${served.name}`)
  const network = networkAddress(address, netmask)
  const hosts = broadcastAddress(address, netmask) - network - 1
  if (hosts < 2) {
    throw new BoottorrentError('CONFIGURATION', `The network of ${served.name} has no address to give away`, {
      hint: 'Use a netmask of 255.255.255.252 or shorter, or set the mode to proxy.',
    })
  }
  const first = hosts < 16 ? 1 : Math.floor(hosts / 2) + 1
  const end = hosts < 16 ? hosts : Math.floor(hosts * 0.9)
  const last = Math.min(end, first + 4095)
  return { first: formatAddress(network + first), last: formatAddress(network + last), leaseSeconds }
}

/**
 * Says whether these pools and routers can be served, before anything is started.
 *
 * @throws BoottorrentError CONFIGURATION when one does not fit the network of an interface
 */
export function checkPools(
  interfaces: readonly ServedInterface[],
  pools: readonly Pool[],
  routers: readonly string[] = [],
): void {
  const subnets = makeSubnets({ interfaces, pools, routers, dns: [], ntp: [], domain: undefined })
  const stray = routers.find((router) => subnets.every((subnet) => !inNetwork(subnet, addressNumber(router))))
  if (stray === undefined) return
  const networks = subnets.map(({ network, netmask }) => `${formatAddress(network)}/${formatAddress(netmask)}`)
  throw new BoottorrentError('CONFIGURATION', `The router ${stray} is in no network that is served`, {
    hint: `Machines reach only a router of their own network: name one in ${networks.join(' or ')}, or none.`,
  })
}

function firstOf(interfaces: readonly ServedInterface[]): ServedInterface {
  const [first] = interfaces
  if (first !== undefined) return first
  throw new BoottorrentError('INTERFACE', 'There is no network interface to serve', {
    hint: 'Name the interface the machines are connected to.',
  })
}

function needAddress(text: string, where: string): number {
  const value = parseAddress(text)
  if (value !== undefined) return value
  throw new BoottorrentError('CONFIGURATION', `${JSON.stringify(text)} (${where}) is not an IPv4 address`, {
    hint: 'Write it as four numbers, like 192.168.1.10.',
  })
}

function needNetmask(text: string, where: string): number {
  const value = needAddress(text, where)
  if (isNetmask(value)) return value
  throw new BoottorrentError('CONFIGURATION', `${text} (${where}) is not a netmask`, {
    hint: 'Write it like 255.255.255.0.',
  })
}

function needRange(pool: Pool): { first: number; last: number } {
  const first = needAddress(pool.first, 'first address of the range')
  const last = needAddress(pool.last, 'last address of the range')
  if (last < first) {
    throw new BoottorrentError('CONFIGURATION', `The address range ${pool.first}-${pool.last} runs backwards`, {
      hint: `Write it as ${pool.last}-${pool.first}.`,
    })
  }
  if (last - first >= LARGEST_POOL) {
    throw new BoottorrentError('CONFIGURATION', `The address range ${pool.first}-${pool.last} is too large`, {
      hint: `A range holds at most ${LARGEST_POOL} addresses.`,
    })
  }
  return { first, last }
}

/** Whether a pool of `subnet` holds the address. */
export function inPool(subnet: Subnet, address: number): boolean {
  return subnet.first !== undefined && subnet.last !== undefined && address >= subnet.first && address <= subnet.last
}

/** Whether a machine can be given this address in `subnet`: in its network, and neither its first nor its last. */
export function inNetwork(subnet: Subnet, address: number): boolean {
  const { network, netmask } = subnet
  if (networkAddress(address, netmask) !== network) return false
  return address !== network && address !== broadcastAddress(network, netmask)
}

/** The addresses that nobody may be given: those of our interfaces and of the routers. */
export function addressesInUse(subnets: readonly Subnet[]): Set<number> {
  const used = new Set<number>()
  for (const subnet of subnets) {
    used.add(addressNumber(subnet.interface.address))
    const router = subnet.router === undefined ? undefined : parseAddress(subnet.router)
    if (router !== undefined) used.add(router)
  }
  return used
}
