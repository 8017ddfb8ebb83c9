/** DHCP for all served interfaces: which addresses are given away where, and what machines boot. */
import path from 'node:path'
import { bootAnswer } from './boot-answer.ts'
import type { ClientPackage } from './client-package.ts'
import {
  checkPools,
  createDhcpServer,
  type DhcpServer,
  type DhcpServerOptions,
  type InheritedSocket,
  type Pool,
  type ServedInterface,
  suggestPool,
} from './dhcp/index.ts'
import type { Configuration } from './environment/configuration.ts'
import type { Host } from './host.ts'
import type { Log } from './log.ts'
import { loaderChoice, ruleFor } from './machine-rules.ts'
import { scriptNames } from './publish.ts'

export interface DhcpServiceOptions {
  /** As it is now: rules of machines count at once. */
  readonly configuration: () => Configuration
  readonly client: ClientPackage
  readonly host: Host
  /** Sockets that somebody with more rights opened. */
  readonly inherited: readonly InheritedSocket[]
  readonly log: Log
}

/** Interfaces with what is done on each, as {@link decideDhcpMode} found it. */
export type DecidedInterface = ServedInterface & { readonly mode: 'dhcp' | 'proxy' }

/** Nothing happens before `start()`. */
export function createDhcpService(
  interfaces: readonly DecidedInterface[],
  { configuration, client, host, inherited, log }: DhcpServiceOptions,
): DhcpServer {
  const { network, http, machines, directory } = configuration()
  const options: DhcpServerOptions = {
    interfaces,
    mode: 'dhcp',
    pool: poolsFor(interfaces, network),
    inherited,
    ...(host.dhcpPorts === undefined ? {} : { ports: host.dhcpPorts }),
    router: network.routers,
    dns: network.dns,
    ntp: network.ntp,
    ...(network.domain === undefined ? {} : { domain: network.domain }),
    bootFile: (machine, served) =>
      bootAnswer(machine, {
        host: served.address,
        httpPort: http.port,
        script: scriptNames.boot,
        pxelinuxScript: scriptNames.pxelinux,
        loaders: client.manifest.loaders,
        ...loaderChoice(configuration(), machine),
      }),
    reservations: (machine) => {
      // Addresses stay as they were at the start, because the pool was made around them; see reload-limits.ts.
      const address = ruleFor(machines, machine)?.address
      const hostname = ruleFor(configuration().machines, machine)?.hostname
      return { address, hostname }
    },
    excluded: machines.flatMap(({ address }) => (address === undefined ? [] : [address])),
    // Where we give addresses, nobody else was found who does.
    authoritative: true,
    leaseFile: path.join(directory, '.boottorrent', 'leases'),
    log,
  }
  return createDhcpServer(options)
}

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
