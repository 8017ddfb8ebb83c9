/** What the thread of the machines is started with, is asked, and tells. */
import type { DhcpPorts } from './dhcp-client.ts'
import type { LinkSpeeds } from './network.ts'

export interface RoomTask {
  /** IPv4 addresses of the host, and of those that have no address yet. */
  readonly server: string
  readonly nobody: string
  readonly dhcp: DhcpPorts
  readonly tftpPort: number
  readonly machines: number
  readonly speeds: LinkSpeeds
}

export type RoomRequest =
  /** Switch all machines on; held ones stay in their menus until they are told to go. */
  | { readonly request: 'boot'; readonly held: boolean }
  | { readonly request: 'go' }
  /** Let those that booted download the same from this URL. */
  | { readonly request: 'central'; readonly url: string }
  | { readonly request: 'close' }

export type RoomReport =
  | { readonly report: 'ready' }
  | { readonly report: 'failed'; readonly mac: string; readonly reason: string }
  | ({ readonly report: 'booted' } & SwarmOutcome)
  /** Bytes of all machines together, and how many machines have everything. */
  | { readonly report: 'central-progress'; readonly bytes: number; readonly complete: number; readonly seconds: number }
  | { readonly report: 'central'; readonly seconds: number }

/** How the downloads of a room went that shares what it has. */
export interface SwarmOutcome {
  /** Machines whose system runs. */
  readonly booted: number
  /** From the start of all downloads until the last machine had everything. */
  readonly seconds: number
  /** Bytes of pieces that the machines got, from the host and from each other. */
  readonly fromServer: number
  readonly fromPeers: number
  /** Pieces that did not match their hash and came again. */
  readonly damaged: number
  /** Questions by DHCP that were asked again because no answer came. */
  readonly repeated: number
  /** Share of the time that the machines' thread was at work, 0 to 1: near 1, this computer is what limits the room. */
  readonly load: number
}
