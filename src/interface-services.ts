/**
 * Everything of ours that is bound to the address of one interface: boot files with that address in them, by HTTP and TFTP,
 * the tracker and the seeder. Each served interface has its own: machines of different networks do not reach each other, so
 * they are no peers, and each is told the address that it reaches us at.
 */
import { type BootFiles, createBootFiles } from './boot-files.ts'
import type { ClientPackage } from './client-package.ts'
import type { Configuration } from './environment/configuration.ts'
import type { ServedInterface } from './environment/index.ts'
import { createHttpServer, type HttpServer, type Route } from './http/index.ts'
import { type Log, silent } from './log.ts'
import { type Publication, publish } from './publish.ts'
import type { RoomCounts } from './room-counts.ts'
import { createTftpServer, type TftpServer } from './tftp/index.ts'
import type { Timeline } from './timeline.ts'
import { type SwarmState, TorrentPlane } from './torrent-plane.ts'
import { announceUrls } from './tracker/index.ts'

/** How many machines at one interface have a system, and how many still lack something. */
export interface InterfaceSwarm extends SwarmState {
  /** Name of the interface that its machines are at. */
  readonly interface: string
}

export interface ServicesContext {
  /** What is served, as it is now. */
  readonly configuration: () => Configuration
  readonly client: ClientPackage
  readonly counts: RoomCounts
  readonly timeline: Timeline
  /** What HTTP answers beside the boot files. */
  readonly routes: readonly Route[]
  /** Told of the swarms of each interface: machines of different networks are no peers. */
  readonly onSwarm: (swarm: InterfaceSwarm) => void
  /** The files of a system are not what was published. */
  readonly onWithdrawn: () => void
  readonly log: Log
}

interface Service extends AsyncDisposable {
  start(): Promise<void>
}

export class InterfaceServices implements AsyncDisposable {
  readonly served: ServedInterface
  readonly #context: ServicesContext
  /** Folder under `out/` for the copy of what is published; undefined: `out/` itself. */
  readonly #folder: string | undefined
  readonly #running = new AsyncDisposableStack()
  #publication: Publication = { published: [], torrents: [], files: createBootFiles([]) }
  #torrents: TorrentPlane | undefined

  /** Whatever is published, whenever they are asked. */
  readonly #files: BootFiles = {
    get: (name) => this.#publication.files.get(name),
    names: () => this.#publication.files.names(),
  }

  constructor(served: ServedInterface, context: ServicesContext, folder?: string) {
    this.served = served
    this.#context = context
    this.#folder = folder
  }

  /** Files and folders that are read while it serves. */
  reads(): readonly string[] {
    return pathsOf(this.#publication)
  }

  /** HTTP comes before there is anything to serve: when another boottorrent has the port, its out/ is not touched. */
  async openHttp(signal: AbortSignal): Promise<void> {
    await this.#run(this.#createHttp(), signal)
  }

  /** Makes torrents and boot files with the address of this interface in them. */
  publish(configuration: Configuration, signal: AbortSignal): Promise<Publication> {
    const { client, log } = this.#context
    const { address } = this.served
    const { tracker } = configuration
    return publish({
      configuration,
      client,
      host: address,
      httpPort: configuration.http.port,
      announce: tracker.enabled ? announceUrls(address, tracker.port) : [],
      folder: this.#folder,
      // The same systems are told of once.
      log: this.#folder === undefined ? log : silent,
      signal,
    })
  }

  /** Serves this from now on. Torrents come before boot files, so that no machine is told of one that nobody has. */
  use(publication: Publication): void {
    this.#torrents?.publish(publication.torrents)
    this.#publication = publication
  }

  /** What a machine needs last is started first: nobody is told of a service that does not run yet. */
  async serve(signal: AbortSignal): Promise<void> {
    this.#torrents = this.#createTorrents()
    await this.#run(this.#torrents, signal)
    if (this.#context.configuration().tftp.enabled) await this.#run(this.#createTftp(), signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync()
  }

  async #run(service: Service, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#running.use(service)
    await service.start()
  }

  #createTorrents(): TorrentPlane {
    const { configuration, counts, timeline, onSwarm, onWithdrawn, log } = this.#context
    const { tracker, seeder } = configuration()
    const { name, address } = this.served
    const torrents = new TorrentPlane(this.#publication.torrents, {
      address,
      trackerPort: tracker.enabled ? tracker.port : undefined,
      seederPort: seeder.port,
      lsd: seeder.lpd,
      log,
    })
    torrents.on('swarm', (swarm) => {
      counts.countSwarm(torrents, swarm)
      onSwarm({ ...swarm, interface: name })
    })
    torrents.on('withdrawn', onWithdrawn)
    torrents.seeder.on('totals', (totals) => counts.countSeeded(torrents, totals))
    timeline.watchTorrents(torrents)
    this.#running.defer(() => counts.forget(torrents))
    return torrents
  }

  #createHttp(): HttpServer {
    const { configuration, timeline, routes, log } = this.#context
    const http = createHttpServer({
      address: this.served.address,
      port: configuration().http.port,
      files: this.#files,
      routes,
      log,
      onReport: (report, from) => timeline.takeReport(report, from, this.#torrents?.withdrawn),
    })
    timeline.watchHttp(http)
    return http
  }

  #createTftp(): TftpServer {
    const { configuration, timeline, log } = this.#context
    const { address } = this.served
    const tftp = createTftpServer({ address, port: configuration().tftp.port, files: this.#files, log })
    timeline.watchTftp(tftp)
    return tftp
  }
}

/** Boot files, systems, and our own code, from which a thread that crashed starts again. */
function pathsOf({ files, torrents }: Publication): string[] {
  const bootFiles = files.names().flatMap((name) => {
    const file = files.get(name)
    return file !== undefined && 'path' in file ? [file.path] : []
  })
  return [...bootFiles, ...torrents.map(({ directory }) => directory), import.meta.dirname]
}
