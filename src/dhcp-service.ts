/** DHCP for all served interfaces: which addresses are given away where, and what machines boot. */
import path from 'node:path'
import { bootAnswer } from './boot-answer.ts'
import type { ClientPackage } from './client-package.ts'
import { createDhcpServer, type DhcpServer, type DhcpServerOptions, type InheritedSocket } from './dhcp/index.ts'
import { type DecidedInterface, poolsFor } from './dhcp-pools.ts'
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
