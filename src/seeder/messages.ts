import type { WorkerState } from '../supervised-worker.ts'
import type { SeederLimits } from './index.ts'
import type { Offence } from './offences.ts'

/** What the seeder's thread is started with. */
export interface SeederTask {
  readonly address: string
  readonly port: number
  readonly torrents: readonly SeededTorrent[]
  /** Local peer discovery (BEP 14). */
  readonly lsd: boolean
  readonly limits: SeederLimits
  /** Whether an earlier thread crashed, so that clients were cut off. */
  readonly isRestart: boolean
}

/** What the thread can be asked while it runs, besides to end. */
export interface ServeRequest {
  readonly request: 'serve'
  readonly torrents: readonly SeededTorrent[]
}

/** A torrent, and where its files are. */
export interface SeededTorrent {
  /** The bytes of the .torrent file. */
  readonly torrent: Uint8Array
  /** Folder that has a folder (or file) of the torrent's own name with its content. */
  readonly directory: string
  /** Announce URLs of trackers that are told of it beside those that it names; none when left out. */
  readonly trackers?: readonly string[]
}

/** What a peer has got so far. */
export interface PeerTraffic {
  readonly infoHash: string
  /** IPv4 address and port of its end of the connection, as `192.0.2.7:41234`. */
  readonly peer: string
  /** Bytes of pieces that were sent to it. */
  readonly uploaded: number
}

/** Totals of one torrent since its seeding began. */
export interface SeedingTotals {
  readonly infoHash: string
  readonly name: string
  readonly peers: number
  /** Bytes of pieces that were sent. */
  readonly uploaded: number
}

/** Something that no sound program does, once per kind and connection. The seeder goes on. */
export interface PeerOffence {
  readonly infoHash: string
  /** IPv4 address and port of its end of the connection, as `192.0.2.7:41234`. */
  readonly peer: string
  readonly kind: Offence
}

/** How often each kind was seen since the seeder's thread began; kinds that were not are left out. */
export type OffenceCounts = { readonly [kind in Offence]?: number }

export type SeederReport =
  | ({ readonly report: 'connect' | 'disconnect' } & PeerTraffic)
  | { readonly report: 'totals'; readonly torrents: readonly SeedingTotals[] }
  | { readonly report: 'traffic'; readonly connections: readonly PeerTraffic[] }
  /** A torrent that is not served any more, because its files cannot be read or are not what was hashed. */
  | { readonly report: 'withdrawn'; readonly infoHash: string; readonly name: string; readonly reason: string }
  | ({ readonly report: 'offence' } & PeerOffence)
  | { readonly report: 'offences'; readonly counts: OffenceCounts }
  /** A tracker does not take what it is told, or does again: each once. */
  | { readonly report: 'tracker'; readonly level: 'warn' | 'info'; readonly message: string }
  /** Something odd on the network, which the seeder survived. */
  | { readonly report: 'warning'; readonly kind: string; readonly message: string }

export type SeederMessage = SeederReport | WorkerState
