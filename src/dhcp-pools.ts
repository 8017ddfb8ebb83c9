/** Which addresses are given away on which interface. */
import { checkPools, type Pool, type ServedInterface, suggestPool } from './dhcp/index.ts'
import type { Configuration } from './environment/configuration.ts'

/** Interfaces with what is done on each, as {@link decideDhcpMode} found it. */
export type DecidedInterface = ServedInterface & { readonly mode: 'dhcp' | 'proxy' }

/**
 * Says whether the ranges and routers of the configuration fit the interfaces, before anything is started.
 *
 * @throws BoottorrentError CONFIGURATION
 */
export function checkAddresses(interfaces: readonly ServedInterface[], { network }: Configuration): void {
  if (network.mode === 'dhcp' || network.mode === 'auto') {
    checkPools(interfaces, network.ranges.map(poolOf(network)), network.routers)
  }
}

/**
 * The ranges of the configuration, and a suggested one for each network that has none. Ranges of networks that are not
 * there are left out: this computer was moved while it served.
 */
export function poolsFor(interfaces: readonly DecidedInterface[], network: Configuration['network']): Pool[] {
  const owned = interfaces.filter(({ mode }) => mode === 'dhcp')
  const written = network.ranges.map(poolOf(network)).filter((pool) => fits(owned, [pool]))
  const rest = owned.filter((served) => written.every((pool) => !fits([served], [ownPart(pool)])))
  return [...written, ...rest.map((served) => suggestPool(served, network.lease))]
}

function poolOf({ lease }: Configuration['network']): (range: Configuration['network']['ranges'][number]) => Pool {
  return ({ first, last, netmask }) => {
    return { first, last, leaseSeconds: lease, ...(netmask === undefined ? {} : { netmask }) }
  }
}

/** As if no relay agent could serve it. */
function ownPart({ netmask: _, ...pool }: Pool): Pool {
  return pool
}

function fits(interfaces: readonly ServedInterface[], pools: readonly Pool[]): boolean {
  try {
    checkPools(interfaces, pools)
    return true
  } catch {
    return false
  }
}
