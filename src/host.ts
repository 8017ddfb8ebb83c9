/** What a server finds on the computer that it runs on. A simulated room brings another one. */
import { type DhcpServerOptions, findDhcpServers } from './dhcp/index.ts'
import { hostInterfaces, type Interfaces } from './environment/index.ts'

export interface Host {
  /** The network interfaces that there are now. */
  interfaces(): Promise<Interfaces>
  /** Asks for other DHCP servers. */
  readonly findDhcpServers: typeof findDhcpServers
  /** The ports of DHCP; those of its standard when left out. */
  readonly dhcpPorts?: DhcpServerOptions['ports']
}

export const thisComputer: Host = { interfaces: hostInterfaces, findDhcpServers }
