/** Tracker and seeder of one environment: what is published is tracked and seeded, and swarms are told by their system. */
import { EventEmitter } from 'node:events'
import type { Log } from './log.ts'
import type { PublishedTorrent } from './published.ts'
import { createSeeder, type SeededTorrent, type Seeder } from './seeder/index.ts'
import { createTracker, type SwarmCounts, type Tracker } from './tracker/index.ts'

/** How many machines have a system, and how many still lack something. Our own seeder counts as one that has it. */
export interface SwarmState extends SwarmCounts {
  /** Folder name of the system. */
  readonly os: string
}

export interface TorrentPlaneOptions {
  /** IPv4 address to serve. */
  readonly address: string
  /** Undefined: there is no tracker of ours. */
  readonly trackerPort: number | undefined
  readonly seederPort: number
  /** Local peer discovery (BEP 14). */
  readonly lsd: boolean
  readonly log: Log
}

export interface TorrentPlaneEvents {
  /** The counts of a swarm have changed; at most once a second for each. */
  swarm: [SwarmState]
  /** The seeder serves a system no longer, because its files are not what was published. */
  withdrawn: [{ readonly infoHash: string }]
}

export class TorrentPlane extends EventEmitter<TorrentPlaneEvents> implements AsyncDisposable {
  readonly #tracker: Tracker | undefined
  readonly #seeder: Seeder
  #published: readonly PublishedTorrent[]
  /** Why each torrent that the seeder serves no longer is not served, by name. */
  readonly #withdrawn = new Map<string, string>()
  /** What was told last of each swarm. */
  readonly #told = new Map<string, SwarmState>()

  constructor(
    published: readonly PublishedTorrent[],
    { address, trackerPort, seederPort, lsd, log }: TorrentPlaneOptions,
  ) {
    super()
    this.#published = published
    if (trackerPort !== undefined) {
      this.#tracker = createTracker({ address, port: trackerPort, infoHashes: infoHashesOf(published), log })
      this.#tracker.on('swarms', (swarms) => this.#tell(swarms))
    }
    this.#seeder = createSeeder({ address, port: seederPort, torrents: seededOf(published), lsd, log })
    this.#seeder.on('withdrawn', ({ infoHash, name, reason }) => {
      this.#withdrawn.set(name, reason)
      // For the screens of machines: the reason has paths of this computer in it.
      this.#tracker?.warn(infoHash, `The server does not have ${name} any more: its files changed, or cannot be read.`)
      this.emit('withdrawn', { infoHash })
    })
    // It serves everything again, until it cannot read it.
    this.#seeder.on('restart', () => this.#offerAll())
  }

  /** For whoever wants to know what it sends to whom. */
  get seeder(): Pick<Seeder, 'on'> {
    return this.#seeder
  }

  /** The same; undefined when there is none of ours. */
  get tracker(): Pick<Tracker, 'on'> | undefined {
    return this.#tracker
  }

  /** What is published and not served any more, by name, with the reason. */
  get withdrawn(): ReadonlyMap<string, string> {
    return this.#withdrawn
  }

  async start(): Promise<void> {
    await this.#tracker?.start()
    await this.#seeder.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#seeder.close()
    await this.#tracker?.close()
  }

  /** Serves this from now on. Downloads of systems that have not changed go on; the others end, for there are no bytes for them. */
  publish(published: readonly PublishedTorrent[]): void {
    this.#published = published
    this.#offerAll()
    this.#seeder.serve(seededOf(published))
  }

  /** What was withdrawn is tried again. */
  #offerAll(): void {
    this.#withdrawn.clear()
    this.#tracker?.track(infoHashesOf(this.#published))
  }

  swarms(): SwarmState[] {
    return [...this.#told.values()]
  }

  #tell(swarms: readonly SwarmCounts[]): void {
    const systems = new Map(this.#published.map(({ name, infoHash }) => [infoHash, name]))
    for (const infoHash of this.#told.keys()) if (!systems.has(infoHash)) this.#told.delete(infoHash)
    for (const { infoHash, complete, incomplete } of swarms) {
      const os = systems.get(infoHash)
      const before = this.#told.get(infoHash)
      if (os === undefined || (before?.complete === complete && before.incomplete === incomplete)) continue
      const swarm = { infoHash, os, complete, incomplete }
      this.#told.set(infoHash, swarm)
      this.emit('swarm', swarm)
    }
  }
}

function infoHashesOf(published: readonly PublishedTorrent[]): string[] {
  return published.map(({ infoHash }) => infoHash)
}

function seededOf(published: readonly PublishedTorrent[]): SeededTorrent[] {
  return published.map(({ seeded }) => seeded)
}
