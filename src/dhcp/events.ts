/** What happens in a DHCP server, as facts with types. */
import type { PxeClient } from './client.ts'

/** Where a machine finds its boot file. */
export interface BootAnswer {
  /** IPv4 address of the TFTP server. */
  readonly server: string
  /** File name; for a client with `httpBoot` the whole URL. */
  readonly file: string
  /**
   * For an iPXE that such a boot file is, or starts: URL of the script to run. Without it, it finds out by itself, more
   * slowly.
   */
  readonly ipxeScript?: string
  /** For PXELINUX: its configuration file (option 209) and the folder that names begin with (option 210). */
  readonly pxelinux?: { readonly configFile?: string; readonly pathPrefix?: string }
}

/** There is nothing for this machine. */
export interface MissingBootFile {
  /** What would be needed, and what there is instead: the end of a sentence. */
  readonly missing: string
}

/** What an event is about: a machine, and what it was told. */
export interface DhcpFact {
  readonly mac: string
  readonly client: PxeClient
  /** The served interface it concerns; undefined for a broadcast, which may come from any of them. */
  readonly interface: string | undefined
  /** The address it is about. */
  readonly address?: string
  readonly hostname?: string
  /** Seconds. */
  readonly leaseSeconds?: number
  /** What the machine was told to boot. */
  readonly boot?: BootAnswer
  /** What it would take to boot it, for `no-boot-file`. */
  readonly missing?: string
  /** Why, for `nak` and `ignored`. */
  readonly reason?: string
  /** The other server, for `other-server`. */
  readonly server?: string
}

/** A packet that got no answer, and why. */
export interface IgnoredPacket {
  readonly reason: string
  /** Address and port it came from. */
  readonly from: string
  /** Of the machine, when the packet could be read. */
  readonly mac?: string
}

/** What a DHCP server tells, by the names of the events. */
export interface DhcpEventMap {
  /** A machine looks for a server. */
  discover: [DhcpFact]
  offer: [DhcpFact & { address: string }]
  /** A machine asks for an address that we may give. */
  request: [DhcpFact]
  ack: [DhcpFact & { address: string }]
  nak: [DhcpFact & { reason: string }]
  /** A machine found its address in use by somebody else. */
  decline: [DhcpFact & { address: string }]
  release: [DhcpFact & { address: string }]
  inform: [DhcpFact & { address: string }]
  /** Boot file but no address, beside another DHCP server. */
  'proxy-offer': [DhcpFact & { boot: BootAnswer }]
  /** A machine wants to boot, and there is no boot file for its kind. Told once for each machine. */
  'no-boot-file': [DhcpFact]
  /** All addresses are in use. Told once, and again after there was one. */
  'pool-exhausted': [DhcpFact]
  /** Another DHCP server was heard of. */
  'other-server': [DhcpFact & { server: string }]
  /** A packet that got no answer. */
  ignored: [IgnoredPacket]
}

/** An event as policy answers it; the server emits it and logs it. */
export type DhcpEvent = {
  [Name in keyof DhcpEventMap]: { name: Name; fact: DhcpEventMap[Name][0] }
}[keyof DhcpEventMap]
