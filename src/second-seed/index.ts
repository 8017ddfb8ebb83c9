/**
 * A second host that has a copy of an environment, or of some of its systems, and seeds them in the swarms of the first: so
 * the room has two uplinks. It does nothing else: machines boot from the first, whose tracker brings them together.
 *
 * ```ts
 * await using seed = createSecondSeed({ host: hostUrl('192.0.2.1'), directory: '/srv/lab-copy' })
 * await seed.start()
 * ```
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { isAnnounceUrl } from '../environment/announce-url.ts'
import { BoottorrentError } from '../errors.ts'
import { type Log, silent } from '../log.ts'
import { progressLog } from '../progress-log.ts'
import { createSeeder, differenceOf, type SeededTorrent, type Seeder, takeTrackers } from '../seeder/index.ts'
import { fetchOverview, fetchSystems, fetchVersion, type HostedSystem } from './host.ts'
import { addressTowards } from './local-address.ts'

/** How often it looks whether the host serves something else by now. */
const LOOK_EVERY_MS = 15_000

export interface SecondSeedOptions {
  /** Where the first host serves by HTTP; see {@link hostUrl}. */
  readonly host: URL
  /** Absolute path of a copy of the environment, of its `oss/`, or of one system's folder. */
  readonly directory: string
  /** Trackers to announce it to beside those of the host; see {@link trackerUrl}. None when left out. */
  readonly trackers?: readonly string[]
  /** TCP port; 0: any free one. */
  readonly port: number
  readonly log?: Log | undefined
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds between two looks at what the host serves. */
  readonly lookEvery?: number
}

/** What became of one system of the host. */
export interface Compared {
  readonly os: string
  readonly infoHash: string
  readonly result: 'same' | 'different' | 'absent'
  /** What is different, as the end of a sentence. */
  readonly difference?: string
}

export interface SecondSeed extends AsyncDisposable {
  readonly port: number
  /**
   * Asks the host, compares, and seeds.
   *
   * @throws BoottorrentError UNREACHABLE, FORMAT; FILE when there is nothing here that the host serves; PORT_IN_USE, INTERFACE
   */
  start(): Promise<void>
  close(): Promise<void>
  /** The outcome of the last comparison. */
  systems(): readonly Compared[]
}

export function createSecondSeed(options: SecondSeedOptions): SecondSeed {
  return new ComparingSeed(options)
}

class ComparingSeed implements SecondSeed {
  readonly #options: SecondSeedOptions
  readonly #log: Log
  readonly #closing = new AbortController()
  #seeder: Seeder | undefined
  #overview = ''
  /** Of what the host serves, when it was compared last. */
  #version = ''
  #systems: readonly Compared[] = []
  #next: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #isHostSilent = false

  constructor(options: SecondSeedOptions) {
    this.#options = options
    this.#log = options.log ?? silent
  }

  get port(): number {
    return this.#seeder?.port ?? this.#options.port
  }

  systems(): readonly Compared[] {
    return this.#systems
  }

  async start(): Promise<void> {
    const { host, port, signal, directory } = this.#options
    const until = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])])
    this.#overview = await fetchOverview(host, until)
    this.#version = await fetchVersion(host, this.#overview, until)
    const torrents = await this.#compare(until)
    if (torrents.length === 0) {
      throw new BoottorrentError('FILE', `Nothing in ${directory} is what ${host.host} serves.`, {
        hint: 'Copy the folders of the systems from there, with their names and everything in them.',
      })
    }
    const address = await addressTowards(host.hostname)
    const seeder = createSeeder({ address, port, torrents, log: this.#log })
    this.#seeder = seeder
    await seeder.start()
    // Its file has changed: what is different now is told, and everything else goes on.
    seeder.on('withdrawn', () => this.#lookAgain(''))
    this.#lookLater()
    const names = this.#systems.filter(({ result }) => result === 'same').map(({ os }) => os)
    const message = `seeding ${names.join(', ')} beside ${host.host}`
    this.#log({ level: 'info', event: 'seed.ready', message, systems: names, address, port: seeder.port })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#next)
    await this.#looking
    await this.#seeder?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #lookLater(): void {
    this.#next = setTimeout(() => this.#lookAgain(this.#version), this.#options.lookEvery ?? LOOK_EVERY_MS)
  }

  /** @param known the version of the host for which everything is as it should be */
  #lookAgain(known: string): void {
    clearTimeout(this.#next)
    const { signal } = this.#closing
    this.#looking = this.#looking
      .then(() => this.#follow(known, signal))
      .catch((error) => this.#tellSilence(error))
      .finally(() => {
        if (!signal.aborted) this.#lookLater()
      })
  }

  async #follow(known: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { host } = this.#options
    const overview = await fetchOverview(host, signal)
    const version = await fetchVersion(host, overview, signal)
    this.#isHostSilent = false
    if (version === known) return
    this.#overview = overview
    this.#version = version
    this.#seeder?.serve(await this.#compare(signal))
  }

  /** The host may be restarted, and its machines still need us. */
  #tellSilence(error: unknown): void {
    if (this.#closing.signal.aborted || this.#isHostSilent) return
    this.#isHostSilent = true
    const reason = error instanceof Error ? error.message : String(error)
    this.#log({ level: 'warn', event: 'seed.host-silent', message: `${reason} Seeding goes on as it was`, reason })
  }

  /** Compares what the host serves with what is here, tells of each system, and returns what can be seeded. */
  async #compare(signal: AbortSignal): Promise<SeededTorrent[]> {
    const { host } = this.#options
    const systems: Compared[] = []
    const torrents: SeededTorrent[] = []
    for (const system of await fetchSystems(host, this.#overview, signal)) {
      const folder = this.#folderOf(system.name)
      const compared = await this.#compareOne(system, folder, signal)
      systems.push(compared)
      this.#tell(compared)
      if (folder !== undefined && compared.result === 'same') {
        torrents.push(this.#seeded(system, path.dirname(folder)))
      }
    }
    this.#systems = systems
    return torrents
  }

  /** Trackers that are not the host's are told by our own code, which survives whatever they answer. */
  #seeded(system: HostedSystem, directory: string): SeededTorrent {
    const { host, trackers = [] } = this.#options
    const { torrent, taken } = takeTrackers(system.torrent, (url) => URL.parse(url)?.hostname !== host.hostname)
    return { torrent, directory, trackers: [...new Set([...taken.filter(isAnnounceUrl), ...trackers])] }
  }

  async #compareOne(
    { name, metainfo }: HostedSystem,
    folder: string | undefined,
    signal: AbortSignal,
  ): Promise<Compared> {
    const facts = { os: name, infoHash: metainfo.infoHash }
    if (folder === undefined) return { ...facts, result: 'absent' }
    const onProgress = progressLog(name, this.#log)
    const difference = await differenceOf({ metainfo, directory: folder, record: this.#record(), signal, onProgress })
    return difference === undefined ? { ...facts, result: 'same' } : { ...facts, result: 'different', difference }
  }

  /** The folder of a system, in an environment, among folders of systems, or alone. */
  #folderOf(name: string): string | undefined {
    const { directory } = this.#options
    const places = [path.join(directory, 'oss', name), path.join(directory, name)]
    if (path.basename(directory) === name) places.push(directory)
    return places.find((place) => existsSync(place))
  }

  /** An environment has a place for the hashes of its systems. */
  #record(): string | undefined {
    const { directory } = this.#options
    return existsSync(path.join(directory, 'oss')) ? path.join(directory, 'out', 'hashes') : undefined
  }

  #tell(compared: Compared): void {
    const { os, infoHash, result, difference } = compared
    const { host } = this.#options
    const told = {
      same: { level: 'info', message: `${os}: the same as on ${host.host} (info-hash ${infoHash})` },
      different: {
        level: 'warn',
        message: `${os}: not the same as on ${host.host} (info-hash ${infoHash}), so it is not seeded: ${difference}. Copy it again, and start this again`,
      },
      absent: { level: 'info', message: `${os}: not here` },
    } as const
    this.#log({ ...told[result], event: `seed.${result}`, ...compared })
  }
}

export { hostUrl } from './host.ts'
export { trackerUrl } from './tracker-url.ts'
