import type { WorkerState } from '../supervised-worker.ts'
import type { PeerNews } from './peer-swarm.ts'

/** What the tracker's thread is started with. */
export interface TrackerTask {
  readonly address: string
  readonly port: number
  /** Those that are tracked; every other one is refused. */
  readonly infoHashes: readonly string[]
  readonly warnings: readonly Warning[]
  /** Peers that a thread knew which crashed. */
  readonly peers: readonly KnownPeer[]
}

/** What the thread can be asked while it runs, besides to end. */
export interface TrackRequest {
  readonly request: 'track'
  readonly infoHashes: readonly string[]
}

/** What peers of a torrent are told with each answer, until torrents are tracked anew. */
export interface Warning {
  readonly infoHash: string
  readonly message: string
}

export interface WarnRequest extends Warning {
  readonly request: 'warn'
}

/** One peer's announce of something that happened. */
export interface PeerAnnounce {
  /** 40 hexadecimal digits. */
  readonly infoHash: string
  /** IPv4 address and port on which it accepts connections, as `192.0.2.7:6881`. */
  readonly peer: string
}

export interface KnownPeer extends PeerAnnounce {
  /** 40 hexadecimal digits. */
  readonly peerId: string
  readonly isComplete: boolean
}

/** How many peers of a swarm have everything, and how many still lack something. */
export interface SwarmCounts {
  readonly infoHash: string
  /** Peers that have everything, our seeder among them. */
  readonly complete: number
  readonly incomplete: number
}

export type TrackerReport =
  | ({ readonly report: PeerNews } & KnownPeer)
  | { readonly report: 'swarms'; readonly swarms: readonly SwarmCounts[] }
  | { readonly report: 'refused'; readonly reason: string }

export type TrackerMessage = TrackerReport | WorkerState
