/**
 * The composition root: an environment becomes running services, and what they see becomes each machine's timeline.
 *
 * It is the only place where the rooms meet; none of them knows another.
 */
import { EventEmitter } from 'node:events'
import path from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { bootAnswer } from './boot-answer.ts'
import type { BootFiles } from './boot-files.ts'
import type { ClientPackage } from './client-package.ts'
import { loadClientPackage } from './client-package.ts'
import { checkPools, createDhcpServer, type DhcpServer, type Pool, suggestPool } from './dhcp/index.ts'
import { decideDhcpMode } from './dhcp-mode.ts'
import type { Configuration } from './environment/configuration.ts'
import {
  chooseInterface,
  environmentFile,
  hostInterfaces,
  loadEnvironment,
  type Override,
  type ServedInterface,
} from './environment/index.ts'
import { EnvironmentChanges } from './environment-changes/index.ts'
import { BoottorrentError } from './errors.ts'
import { createHttpServer, type HttpServer, type Route } from './http/index.ts'
import { LiveEnvironment, type Reload } from './live-environment.ts'
import { type Log, type LogLevel, silent } from './log.ts'
import { limitedLog } from './log-limit.ts'
import { ruleFor } from './machine-rules.ts'
import { createMachines, type Machine, type MachineStep, type Machines } from './machines/index.ts'
import { findNeighbour } from './neighbours.ts'
import { type Publication, publish, scriptNames } from './publish.ts'
import { createRoomPage } from './room-page.ts'
import { createStatusBoard, type ServedSystem, type StatusBoard } from './status/index.ts'
import { createTftpServer, type TftpServer } from './tftp/index.ts'
import { Timeline } from './timeline.ts'
import { type SwarmState, TorrentPlane } from './torrent-plane.ts'
import { announceUrls } from './tracker/index.ts'

export interface BootServerOptions {
  /** The environment's folder, or the configuration that was loaded from it. */
  readonly environment: string | Configuration
  /** Settings from outside the environment's files, which count again when these are read again. */
  readonly overrides?: readonly Override[] | undefined
  /** Whether changes of the environment's files are noticed and served. True when left out. */
  readonly watch?: boolean | undefined
  /** Interface to serve, when it is not the one that the environment names or the only sensible one. */
  readonly interface?: string | undefined
  /** Path of the client's manifest.json. Left out: the one of the installed package @boottorrent/client. */
  readonly client?: string | undefined
  /** Descriptor of a UDP socket on port 67 that somebody with more rights opened, bound to the served interface. */
  readonly dhcpSocket?: number | undefined
  /** Where log entries go; nowhere when left out. */
  readonly log?: Log | undefined
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined
}

export interface BootServerEvents {
  /** A machine made a step on its way from DISCOVER to its system. */
  machine: [MachineStep]
  /** More or fewer machines have a system, or want it; at most once a second for each system. */
  swarm: [SwarmState]
  /** The environment was read again, because its files have changed or because it was asked for. */
  reload: [Reload]
}

export interface BootServer extends EventEmitter<BootServerEvents>, AsyncDisposable {
  /** The interface and address that are served. */
  readonly served: ServedInterface
  /**
   * Makes the torrents, binds every port and serves. When it fails, whatever was started is closed again. While it runs
   * already, a call changes nothing.
   *
   * @throws BoottorrentError PORT_IN_USE, PERMISSION, FILE, CLIENT_MISSING; an AbortError when it is closed meanwhile
   */
  start(): Promise<void>
  /**
   * Reads the environment again and serves it as it is now. Downloads of systems that have not changed go on. When it cannot be
   * served, everything stays as it was. Changes of files are noticed without it.
   *
   * @throws BoottorrentError USAGE when it does not run; an AbortError when it is closed meanwhile
   */
  reload(): Promise<Reload>
  /** Closes everything, in the opposite order. Can be called at any time, and again. */
  close(): Promise<void>
  /** What is known of each machine. */
  machines(): Machine[]
  /** The state of the room, as it is shown to people and programs: a snapshot, and changes as events. */
  readonly status: StatusBoard
  /** Files and folders that are read while it runs, known once it was started: for whoever gives up rights then. */
  reads(): readonly string[]
}

/**
 * Reads the environment and chooses the interface. Nothing is bound or written before `start()`.
 *
 * @throws BoottorrentError CONFIGURATION, INTERFACE, CLIENT_MISSING
 */
export async function createBootServer(options: BootServerOptions): Promise<BootServer> {
  const { overrides = [] } = options
  const configuration = await configurationOf(options.environment, overrides)
  const served = chooseInterface(await hostInterfaces(), {
    interface: options.interface ?? configuration.network.interface,
    hostIp: configuration.network.hostIp,
  })
  const client = await loadClientPackage(options.client)
  // A room of 100 machines that are switched on at once makes about a thousand steps.
  const log = limitedLog(options.log ?? silent, { burst: 2000, perSecond: 50 })
  const { mode, range, lease } = configuration.network
  if (range !== undefined && (mode === 'dhcp' || mode === 'auto')) checkPools([served], [poolOf(range, lease, served)])
  return new ComposedServer({
    configuration,
    overrides,
    watch: options.watch ?? true,
    served,
    client,
    log,
    signal: options.signal,
    dhcpSocket: options.dhcpSocket,
  })
}

async function configurationOf(
  environment: string | Configuration,
  overrides: readonly Override[],
): Promise<Configuration> {
  if (typeof environment !== 'string') return environment
  const { configuration, problems } = await loadEnvironment(environment, overrides)
  if (configuration) return configuration
  const [first] = problems
  const place = first ? `${first.file}:${first.line}:${first.column}: ${first.message}` : 'unknown'
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  throw new BoottorrentError('CONFIGURATION', `The environment ${environment} has ${count}: ${place}`, {
    hint: 'Run "boottorrent check" to see all of them.',
  })
}

interface Service extends AsyncDisposable {
  start(): Promise<void>
}

interface ServerParts {
  readonly configuration: Configuration
  readonly overrides: readonly Override[]
  readonly watch: boolean
  readonly served: ServedInterface
  readonly client: ClientPackage
  readonly log: Log
  readonly signal: AbortSignal | undefined
  readonly dhcpSocket: number | undefined
}

class ComposedServer extends EventEmitter<BootServerEvents> implements BootServer {
  readonly served: ServedInterface
  readonly #live: LiveEnvironment
  readonly #watch: boolean
  readonly #client: ClientPackage
  readonly #log: Log
  readonly #signal: AbortSignal | undefined
  readonly #dhcpSocket: number | undefined
  readonly #machines: Machines = createMachines()
  readonly status: StatusBoard
  readonly #timeline: Timeline
  /** The start that is under way or was successful. */
  #started: Promise<void> | undefined
  #stopping: AbortController | undefined
  #running: AsyncDisposableStack | undefined
  #torrents: TorrentPlane | undefined

  constructor({ configuration, overrides, watch, served, client, log, signal, dhcpSocket }: ServerParts) {
    super()
    const { directory } = configuration
    this.#live = new LiveEnvironment({
      configuration,
      load: () => loadEnvironment(directory, overrides),
      publish: (current, until) => this.#publish(current, until),
      log,
    })
    this.#watch = watch
    this.served = served
    this.#client = client
    this.#timeline = new Timeline({
      machines: this.#machines,
      manifest: client.manifest,
      nameOf: (machine) => ruleFor(this.#configuration.machines, machine)?.hostname,
      findNeighbour,
    })
    this.status = createStatusBoard({
      machines: this.#machines,
      server: { program: packageJson.version, interface: served.name, address: served.address },
      actions: ['wake', 'reload'],
    })
    this.#log = log
    this.#signal = signal
    this.#dhcpSocket = dhcpSocket
    this.#machines.on('step', (step) => this.#tell(step))
    this.#machines.on('stuck', ({ mac, stuck }) => {
      this.#log({ level: 'warn', event: 'machine.stuck', message: `${mac} is stuck: ${stuck.reason}`, mac, ...stuck })
    })
  }

  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  async close(): Promise<void> {
    this.#stopping?.abort()
    // Whoever started it is told why that failed; here it only has to be over.
    await this.#started?.catch(() => {})
    this.#started = undefined
    const running = this.#running
    this.#running = undefined
    await running?.disposeAsync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  machines(): Machine[] {
    return this.#machines.list()
  }

  reads(): readonly string[] {
    return pathsOf(this.#live.publication)
  }

  async reload(): Promise<Reload> {
    const torrents = this.#torrents
    if (torrents === undefined || this.#stopping === undefined || this.#running === undefined) {
      throw new BoottorrentError('USAGE', 'The server does not run, so it cannot reload.', { hint: 'Start it.' })
    }
    const use = (publication: Publication) => {
      this.status.serve(systemsOf(publication))
      torrents.publish(publication.published)
    }
    const reload = await this.#live.reload(use, this.#stopping.signal)
    this.emit('reload', reload)
    return reload
  }

  async #start(): Promise<void> {
    this.#stopping = new AbortController()
    const signals = [this.#stopping.signal, ...(this.#signal ? [this.#signal] : [])]
    try {
      await using started = new AsyncDisposableStack()
      await this.#startAll(started, AbortSignal.any(signals))
      this.#running = started.move()
    } catch (error) {
      this.#started = undefined
      // What was under way beside the part that failed ends as well.
      this.#stopping.abort()
      throw error
    }
    this.#log({
      level: 'info',
      event: 'server.ready',
      message: `ready: switch a machine on that boots from the network (${this.served.name}, ${this.served.address})`,
      interface: this.served.name,
      address: this.served.address,
    })
  }

  /** What a machine needs last is started first: nobody is told of a service that does not run yet. */
  async #startAll(started: AsyncDisposableStack, signal: AbortSignal): Promise<void> {
    const run = async (service: Service) => {
      signal.throwIfAborted()
      started.use(service)
      await service.start()
    }
    const { tftp } = this.#configuration
    started.use(this.status)
    this.status.start()
    // HTTP comes before there is anything to serve: when another boottorrent has the port, its out/ is not touched.
    const { status: board, served } = this
    const page = await createRoomPage({ board, served, reload: () => this.reload(), log: this.#log })
    started.defer(() => page.close())
    await run(this.#createHttp(this.#live.files, page.routes))
    // Looking for other DHCP servers takes seconds, which hashing may use.
    const mode = decideDhcpMode({ mode: this.#configuration.network.mode, served: this.served, log: this.#log, signal })
    // Before the files are read: what changes meanwhile is found afterwards.
    const changes = this.#createChanges()
    if (this.#watch) await run(changes)
    const [publication] = await Promise.all([this.#live.publish(signal), mode])
    this.status.serve(systemsOf(publication))
    this.#torrents = this.#createTorrentPlane(publication, changes)
    await run(this.#torrents)
    if (tftp.enabled) await run(this.#createTftp(this.#live.files))
    await run(this.#createDhcp(await mode))
    // What is under way ends before the services that it needs.
    started.defer(() => this.#live.idle())
    signal.throwIfAborted()
    page.announce(this.#configuration.http.port)
  }

  /** The settings that count as long as it runs, and the others as they are now. */
  get #configuration(): Configuration {
    return this.#live.configuration
  }

  #publish(configuration: Configuration, signal: AbortSignal): Promise<Publication> {
    return publish({
      configuration,
      client: this.#client,
      host: this.served.address,
      httpPort: configuration.http.port,
      announce: announceUrls(this.served.address, configuration.tracker.port),
      log: this.#log,
      signal,
    })
  }

  #createChanges(): EnvironmentChanges {
    const { directory } = this.#configuration
    // A change during the start is served after it. The log tells how it went.
    const onChange = () => void this.#started?.then(() => this.reload()).catch(() => {})
    return new EnvironmentChanges({ directory, file: environmentFile, onChange })
  }

  #createTorrentPlane({ published }: Publication, changes: EnvironmentChanges): TorrentPlane {
    const { tracker, seeder } = this.#configuration
    const plane = new TorrentPlane(published, {
      address: this.served.address,
      trackerPort: tracker.enabled ? tracker.port : undefined,
      seederPort: seeder.port,
      lsd: seeder.lpd,
      log: this.#log,
    })
    plane.on('swarm', (swarm) => {
      const { os, complete, incomplete } = swarm
      const message = `${os}: ${complete} have it, ${incomplete} want it`
      this.#log({ level: 'debug', event: 'swarm', message, ...swarm })
      this.status.countSwarms([swarm])
      this.emit('swarm', swarm)
    })
    plane.on('withdrawn', () => changes.hint())
    plane.seeder.on('totals', (totals) => this.status.countSeeded(totals))
    this.#timeline.watchSeeder(plane.seeder)
    return plane
  }

  #createHttp(files: BootFiles, routes: readonly Route[]): HttpServer {
    const http = createHttpServer({
      address: this.served.address,
      port: this.#configuration.http.port,
      files,
      routes,
      log: this.#log,
      onReport: (report, from) => this.#timeline.takeReport(report, from),
    })
    this.#timeline.watchHttp(http)
    return http
  }

  #createTftp(files: BootFiles): TftpServer {
    const { port } = this.#configuration.tftp
    const tftp = createTftpServer({ address: this.served.address, port, files, log: this.#log })
    this.#timeline.watchTftp(tftp)
    return tftp
  }

  #createDhcp(mode: 'dhcp' | 'proxy' | 'off'): DhcpServer {
    const { network, machines, directory } = this.#configuration
    const { range, lease, router } = network
    const dhcp = createDhcpServer({
      interfaces: [this.served],
      ...(this.#dhcpSocket === undefined ? {} : { inherited: [{ interface: this.served.name, fd: this.#dhcpSocket }] }),
      mode,
      ...(mode === 'dhcp' ? { pool: poolOf(range, lease, this.served) } : {}),
      ...(router === undefined ? {} : { router }),
      dns: network.dns,
      bootFile: (machine) =>
        bootAnswer(machine, {
          host: this.served.address,
          httpPort: this.#configuration.http.port,
          script: scriptNames.boot,
          loaders: this.#client.manifest.loaders,
        }),
      reservations: (machine) => {
        const rule = ruleFor(this.#configuration.machines, machine)
        return rule && { address: rule.address, hostname: rule.hostname }
      },
      excluded: machines.flatMap(({ address }) => (address === undefined ? [] : [address])),
      leaseFile: path.join(directory, '.boottorrent', 'leases'),
      log: this.#log,
    })
    this.#timeline.watchDhcp(dhcp)
    return dhcp
  }

  #tell(step: MachineStep): void {
    const boot = this.#machines.get(step.mac)?.boot
    // While a machine seeds it says so every other second, which is news once.
    const isRepeated = boot?.step === step && boot.since !== step.time
    this.#log({
      level: isRepeated ? 'debug' : levelOf(step),
      event: 'machine',
      message: `${step.mac} ${step.step}: ${step.detail}`,
      mac: step.mac,
      step: step.step,
      detail: step.detail,
      source: step.source,
    })
    this.emit('machine', step)
  }
}

function systemsOf({ published }: Publication): ServedSystem[] {
  return published.map(({ os, infoHash, bytes }) => ({ name: os.name, displayName: os.displayName, infoHash, bytes }))
}

/** Boot files, systems, and our own code, from which a thread that crashed starts again. */
function pathsOf({ files, published }: Publication): string[] {
  const bootFiles = files.names().flatMap((name) => {
    const file = files.get(name)
    return file !== undefined && 'path' in file ? [file.path] : []
  })
  return [...bootFiles, ...published.map(({ os }) => os.directory), import.meta.dirname]
}

function poolOf(range: Configuration['network']['range'], leaseSeconds: number, served: ServedInterface): Pool {
  if (range === undefined) return suggestPool(served, leaseSeconds)
  const { first, last, netmask } = range
  return { first, last, leaseSeconds, ...(netmask === undefined ? {} : { netmask }) }
}

function levelOf({ step }: MachineStep): LogLevel {
  if (step === 'failed') return 'warn'
  // The service that saw the trouble has logged it already.
  return step === 'progress' || step === 'trouble' ? 'debug' : 'info'
}
