/**
 * A DHCP server for network boot: addresses and boot files (RFC 2131, 2132, PXE 2.1, RFC 4578), or boot files alone
 * beside another DHCP server.
 *
 * ```ts
 * await using server = createDhcpServer({
 *   interfaces: [{ name: 'eth1', address: '172.30.0.1', netmask: '255.255.255.0' }],
 *   mode: 'dhcp',
 *   pool: { first: '172.30.0.100', last: '172.30.0.200', leaseSeconds: 3600 },
 *   bootFile: (client, served) => ({ server: served.address, file: client.ipxe ? 'boot.ipxe' : 'snponly.efi' }),
 * })
 * server.on('ack', ({ mac, address }) => console.log(mac, address))
 * await server.start()
 * ```
 */
import type { EventEmitter } from 'node:events'
import type { Log } from '../log.ts'
import type { PxeClient } from './client.ts'
import type { BootAnswer, DhcpEventMap, MissingBootFile } from './events.ts'
import { Server } from './server.ts'
import type { Pool, ServedInterface } from './subnet.ts'
import type { Reservation } from './visit.ts'

/** Whom to serve, with which addresses, and what machines boot. Policy is given as functions. */
export interface DhcpServerOptions {
  /** The interfaces to serve; no other ever sees a packet of ours. At least one. */
  readonly interfaces: readonly ServedInterface[]
  /**
   * `dhcp`: the addresses are ours. `proxy`: another server gives the addresses, we the boot files. `off`: `start` does
   * nothing. An interface may have a mode of its own. To decide by what is there, ask {@link findDhcpServers} first.
   */
  readonly mode: 'dhcp' | 'proxy' | 'off'
  /**
   * The addresses to give away; several for several interfaces and for networks behind relay agents. Default in mode
   * `dhcp`: {@link suggestPool} of each interface. Each network has one. An empty list gives reserved addresses only.
   */
  readonly pool?: Pool | readonly Pool[] | undefined
  /** Option 3, IPv4 addresses: each is told to the machines of the network that it lies in. */
  readonly router?: string | readonly string[]
  /** Option 6, IPv4 addresses. */
  readonly dns?: readonly string[]
  /** Option 42, IPv4 addresses. */
  readonly ntp?: readonly string[]
  /** Option 15. */
  readonly domain?: string
  /**
   * What a machine boots that is reached by the interface `served`; what is missing, or undefined, when there is nothing
   * for it. Asked for every answer; must be quick.
   */
  bootFile(client: PxeClient, served: ServedInterface): BootAnswer | MissingBootFile | undefined
  /** What is fixed for a machine. A fixed address may lie outside the pool, but in the network. */
  reservations?(client: PxeClient): Reservation | undefined
  /** Addresses of the pool that are given only to a machine they are reserved for. */
  readonly excluded?: readonly string[]
  /**
   * Whether to refuse addresses that we know nothing of, so that machines from elsewhere change at once. Default false:
   * another server may have given them.
   */
  readonly authoritative?: boolean
  /** File that keeps the leases over a restart. Default: they are kept in memory. */
  readonly leaseFile?: string
  /**
   * UDP sockets that somebody with more rights opened for us, one for each interface, as systemd does with
   * `ListenDatagram=0.0.0.0:67`, `BindToDevice=eth1` and `Broadcast=yes`. They take the place of our own on port 67.
   */
  readonly inherited?: readonly InheritedSocket[]
  /** For tests: other ports than 67, 68 and 4011. A port 0 of the server is chosen by the system. */
  readonly ports?: { readonly server?: number; readonly client?: number; readonly proxy?: number }
  readonly log?: Log
  /** Milliseconds since 1970. Default Date.now. */
  readonly clock?: () => number
}

/** A UDP socket on port 67 that was opened for us and is bound to one interface. */
export interface InheritedSocket {
  /** Name of the interface it is bound to. */
  readonly interface: string
  /** Number of the descriptor. */
  readonly fd: number
}

/** A DHCP server or proxyDHCP server, with what it gave away. */
export interface DhcpServer extends EventEmitter<DhcpEventMap>, AsyncDisposable {
  /**
   * Reads the leases and binds the ports.
   * @throws BoottorrentError PORT_IN_USE, PERMISSION, INTERFACE, FILE
   */
  start(): Promise<void>
  /**
   * Goes on with other interfaces, or with other addresses of the same ones: sockets of addresses that stay are kept, and
   * so are all leases. When it fails, all is as it was.
   *
   * @param pool the addresses to give away from now on; default as at the start
   * @throws BoottorrentError as at the start
   */
  serve(interfaces: readonly ServedInterface[], pool?: Pool | readonly Pool[]): Promise<void>
  /** Stops answering; leases that were acknowledged are on the disk. */
  close(): Promise<void>
  /** The leases that are running now. */
  leases(): LeaseInfo[]
  /** The bound ports, each an address of ours or 255.255.255.255. */
  addresses(): { address: string; port: number; role: 'dhcp' | 'proxy' }[]
  /** What went by since the start. */
  readonly counters: Readonly<DhcpCounters>
}

/** An address that a machine has now. */
export interface LeaseInfo {
  readonly address: string
  readonly mac: string
  readonly hostname: string | undefined
  /** Milliseconds since 1970, or Infinity. */
  readonly expires: number
}

/** Packets since the start. */
export interface DhcpCounters {
  received: number
  sent: number
  /** Not readable as DHCP, or sent from port 0. */
  malformed: number
  /** More from one machine than it can mean, or more from unknown ones than can be answered. */
  limited: number
  sendFailures: number
}

/**
 * Makes a server; nothing happens before `start`.
 * @throws BoottorrentError CONFIGURATION when a pool does not fit its network
 */
export function createDhcpServer(options: DhcpServerOptions): DhcpServer {
  return new Server(options)
}

export type { Firmware, PxeClient } from './client.ts'
export type { BootAnswer, DhcpEvent, DhcpEventMap, DhcpFact, IgnoredPacket, MissingBootFile } from './events.ts'
export { MessageType, Option } from './options.ts'
export { type Decoded, type DhcpOptions, type DhcpPacket, decode, type Encoded, encode } from './packet.ts'
export { type FoundServer, findDhcpServers, type ProbeOptions } from './probe.ts'
export { checkPools, type Pool, type ServedInterface, suggestPool } from './subnet.ts'
export { summary } from './summary.ts'
export type { Reservation } from './visit.ts'
