/**
 * Makes torrents of folders and seeds them (BEP 3), in a thread of its own.
 *
 * ```ts
 * const { torrent } = await makeTorrent({ name: 'debian', directory: '/srv/debian', announce: ['http://192.0.2.1/announce'] })
 * await using seeder = createSeeder({ address: '192.0.2.1', port: 6881, torrents: [{ torrent, directory: '/srv' }] })
 * seeder.on('connect', ({ peer }) => console.log(peer))
 * await seeder.start()
 * ```
 */
import type { EventEmitter } from 'node:events'
import type { Log } from '../log.ts'
import type { OffenceCounts, PeerOffence, PeerTraffic, SeededTorrent, SeedingTotals } from './messages.ts'
import { ThreadedSeeder } from './seeder.ts'

/** Where to seed, and what. */
export interface SeederOptions {
  /** IPv4 address to listen on; no other one accepts connections. */
  readonly address: string
  /** TCP port; 0 or left out: any free one. */
  readonly port?: number
  /** What to seed. Pieces are compared with their hashes before they go out for the first time. */
  readonly torrents: readonly SeededTorrent[]
  /** Local peer discovery (BEP 14), on the interface of the address; off when left out. */
  readonly lsd?: boolean
  readonly log?: Log
  readonly limits?: Partial<SeederLimits>
}

/** Bounds on what peers may take. Beyond them nobody is refused: the connection that has been idle longest ends. */
export interface SeederLimits {
  /** Connections in all: 512. Beyond them the address that has most loses one. */
  readonly connections: number
  /** Connections of one address: 16, some for each system that a machine downloads at a time. */
  readonly connectionsPerAddress: number
  /** Milliseconds in which the handshake of a new connection has to come: 10,000. */
  readonly handshakeTimeout: number
}

/** What a seeder tells, by the names of the events. */
export interface SeederEvents {
  connect: [PeerTraffic]
  disconnect: [PeerTraffic]
  /** At most once a second, when something changed. */
  totals: [readonly SeedingTotals[]]
  /** With the totals: what each peer has got so far on the connection that it has now. */
  traffic: [readonly PeerTraffic[]]
  /** A torrent is not served any more, because its files cannot be read or are not what was hashed. */
  withdrawn: [{ readonly infoHash: string; readonly name: string; readonly reason: string }]
  /**
   * A peer does what no sound program does; once per kind and connection. `detail` goes on a sentence that begins with the peer.
   */
  offence: [PeerOffence & { readonly detail: string }]
  /** How often each kind was seen so far; at most once a second, when something changed. */
  offences: [OffenceCounts]
  /** The thread crashed; it starts again on the same port after `retryInMs`. */
  crash: [{ readonly error: Error; readonly retryInMs: number }]
  /** It seeds again after a crash. */
  restart: []
}

/** A BitTorrent seeder that gives and never takes. */
export interface Seeder extends EventEmitter<SeederEvents>, AsyncDisposable {
  /** TCP port; known when started. */
  readonly port: number
  /** @throws BoottorrentError PORT_IN_USE, PERMISSION or INTERFACE when it cannot listen. */
  start(): Promise<void>
  close(): Promise<void>
  /**
   * Serves these torrents from now on and no others, at any time. Peers of those that stay notice nothing; the others are
   * disconnected.
   */
  serve(torrents: readonly SeededTorrent[]): void
  /** What was last known of each torrent. */
  totals(): readonly SeedingTotals[]
  /** How often peers did what no sound program does, at most a second old; from zero again after a crash. */
  offences(): OffenceCounts
}

/** Makes a seeder; nothing happens before `start`. */
export function createSeeder(options: SeederOptions): Seeder {
  return new ThreadedSeeder(options)
}

export { type CopyOptions, differenceOf } from './copy.ts'
export { type HashingProgress, ProgressMeter } from './hashing-progress.ts'
export { addTrackers, type DecodedMetainfo, decodeMetainfo, takeTrackers } from './metainfo.ts'
export { type MadeTorrent, makeTorrent, type TorrentSource } from './torrent.ts'
export type { OffenceCounts, PeerOffence, PeerTraffic, SeededTorrent, SeedingTotals }
