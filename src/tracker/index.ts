/**
 * A BitTorrent tracker for our own torrents, by HTTP (BEP 3, 23, 48) and UDP (BEP 15) on one port, in a thread of its own.
 *
 * ```ts
 * await using tracker = createTracker({ address: '192.0.2.1', port: 6969, infoHashes: new Set([infoHash]) })
 * tracker.on('complete', ({ peer }) => console.log(peer))
 * await tracker.start()
 * console.log(announceUrls('192.0.2.1', tracker.port))
 * ```
 */
import type { EventEmitter } from 'node:events'
import type { Log } from '../log.ts'
import type { PeerAnnounce, SwarmCounts } from './messages.ts'
import { ThreadedTracker } from './tracker.ts'

/** Where to listen, and what to track. */
export interface TrackerOptions {
  /** IPv4 address to listen on; no other one is served. */
  readonly address: string
  /** TCP and UDP port; 0 or left out: one that is free. */
  readonly port?: number
  /** What is tracked, as 40 hexadecimal digits each. A function is asked at each start, also after a crash. */
  readonly infoHashes: Iterable<string> | (() => Iterable<string>)
  readonly log?: Log
}

/** What a tracker tells, by the names of the events. */
export interface TrackerEvents {
  /** A peer is new in a swarm. */
  join: [PeerAnnounce]
  /** A peer has everything now. */
  complete: [PeerAnnounce]
  /** A peer says that it leaves. */
  leave: [PeerAnnounce]
  /** A peer has been silent for so long that it counts as gone. */
  lost: [PeerAnnounce]
  /** At most once a second, when something changed. */
  swarms: [readonly SwarmCounts[]]
  /** The thread crashed; it starts again on the same port after `retryInMs`, and clients announce themselves again. */
  crash: [{ readonly error: Error; readonly retryInMs: number }]
  restart: []
}

/** A BitTorrent tracker by HTTP and UDP. */
export interface Tracker extends EventEmitter<TrackerEvents>, AsyncDisposable {
  /** TCP and UDP port; known when started. */
  readonly port: number
  /** Requests that were not answered as they wished. */
  readonly refused: number
  /** @throws BoottorrentError PORT_IN_USE, PERMISSION or INTERFACE when it cannot listen. */
  start(): Promise<void>
  close(): Promise<void>
  /** Tracks these torrents from now on and no others; those that stay keep their peers. Can be called at any time. */
  track(infoHashes: Iterable<string>): void
  /**
   * Tells this to every peer of a torrent that announces itself by HTTP (`warning message`, which clients show), until the next
   * `track`. By UDP nothing can be told.
   */
  warn(infoHash: string, message: string): void
  /** What was last known of each swarm. */
  swarms(): readonly SwarmCounts[]
}

/** Makes a tracker; nothing happens before `start`. */
export function createTracker(options: TrackerOptions): Tracker {
  return new ThreadedTracker(options)
}

/** The announce URLs of a tracker, in the order in which clients shall try them. */
export function announceUrls(address: string, port: number): string[] {
  return [`http://${address}:${port}/announce`, `udp://${address}:${port}/announce`]
}

export type { PeerAnnounce, SwarmCounts }
