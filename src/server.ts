/**
 * The composition root: an environment becomes running services, and what they see becomes each machine's timeline.
 *
 * It is the only place where the rooms meet; none of them knows another.
 */
import { EventEmitter } from 'node:events'
import packageJson from '../package.json' with { type: 'json' }
import { type ClientPackage, loadClientPackage } from './client-package.ts'
import type { InheritedSocket } from './dhcp/index.ts'
import { checkAddresses } from './dhcp-service.ts'
import type { Configuration } from './environment/configuration.ts'
import {
  chooseInterfaces,
  environmentFile,
  loadEnvironment,
  type Override,
  type ServedInterface,
} from './environment/index.ts'
import { EnvironmentChanges } from './environment-changes/index.ts'
import { BoottorrentError } from './errors.ts'
import { type Host, thisComputer } from './host.ts'
import type { Route } from './http/index.ts'
import type { InterfaceSwarm } from './interface-services.ts'
import { LiveEnvironment, type Reload } from './live-environment.ts'
import { type Log, type LogLevel, silent } from './log.ts'
import { limitedLog } from './log-limit.ts'
import { ruleFor } from './machine-rules.ts'
import { createMachines, type Machine, type MachineStep, type Machines } from './machines/index.ts'
import { platform } from './platform/index.ts'
import type { Publication } from './publish.ts'
import { RoomCounts } from './room-counts.ts'
import { createRoomPage } from './room-page.ts'
import { ServedInterfaces } from './served-interfaces.ts'
import { createStatusBoard, type ServedSystem, type StatusBoard } from './status/index.ts'
import { Timeline } from './timeline.ts'

/** How often to look whether the interfaces are as they were, in milliseconds. */
const LOOK_EVERY_MS = 1_000

/** What a boot server needs: an environment. Everything else has a default. */
export interface BootServerOptions {
  /** The environment's folder, or the configuration that was loaded from it. */
  readonly environment: string | Configuration
  /** Settings from outside the environment's files, which count again when these are read again. */
  readonly overrides?: readonly Override[] | undefined
  /** Whether changes of the environment's files are noticed and served. True when left out. */
  readonly watch?: boolean | undefined
  /** Interfaces to serve, when they are not those that the environment names or the only sensible one. */
  readonly interface?: string | readonly string[] | undefined
  /** Path of the client's manifest.json. Left out: the one of the installed package @boottorrent/client. */
  readonly client?: string | undefined
  /** UDP sockets on port 67 that somebody with more rights opened, each bound to a served interface. All, or none. */
  readonly dhcpSockets?: readonly DhcpSocket[] | undefined
  /** Where log entries go; nowhere when left out. */
  readonly log?: Log | undefined
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined
}

/** A UDP socket on port 67 that somebody with more rights opened. */
export interface DhcpSocket {
  /** Name of the interface it is bound to. Needed when several are served. */
  readonly interface?: string | undefined
  /** Number of the descriptor. */
  readonly fd: number
}

/** What a boot server tells, by the names of the events. */
export interface BootServerEvents {
  /** A machine made a step on its way from DISCOVER to its system. */
  machine: [MachineStep]
  /** More or fewer machines at an interface have a system, or want it; at most once a second for each system. */
  swarm: [InterfaceSwarm]
  /** The environment was read again, because its files have changed or because it was asked for. */
  reload: [Reload]
}

/** DHCP, TFTP, HTTP, tracker and seeder of one environment, and what they see of each machine. */
export interface BootServer extends EventEmitter<BootServerEvents>, AsyncDisposable {
  /** The interfaces that are served, with the addresses that they have now. At least one. */
  readonly served: readonly ServedInterface[]
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
 * Reads the environment and chooses the interfaces. Nothing is bound or written before `start()`.
 *
 * @throws BoottorrentError CONFIGURATION, INTERFACE, CLIENT_MISSING
 */
export function createBootServer(options: BootServerOptions): Promise<BootServer> {
  return composeBootServer(options, thisComputer)
}

/** The same on a computer that need not be this one; see {@link Host}. */
export async function composeBootServer(options: BootServerOptions, host: Host): Promise<BootServer> {
  const { overrides = [], watch = true, signal } = options
  const configuration = await configurationOf(options.environment, overrides)
  const { interfaces, hostIps } = configuration.network
  const named = options.interface === undefined ? interfaces : [options.interface].flat()
  const served = chooseInterfaces(await host.interfaces(), { interfaces: named, hostIps })
  const client = await loadClientPackage(options.client)
  // A room of 100 machines that are switched on at once makes about a thousand steps.
  const log = limitedLog(options.log ?? silent, { burst: 2000, perSecond: 50 })
  checkAddresses(served, configuration)
  const inherited = inheritedSockets(options.dhcpSockets ?? [], served)
  return new ComposedServer({ configuration, overrides, watch, host, served, client, log, signal, inherited })
}

/** A socket without a name can only be that of the only interface. */
function inheritedSockets(sockets: readonly DhcpSocket[], served: readonly ServedInterface[]): InheritedSocket[] {
  const only = served.length === 1 ? served[0] : undefined
  return sockets.map(({ interface: name = only?.name, fd }) => {
    const isServed = served.some((one) => one.name === name)
    if (name !== undefined && isServed) return { interface: name, fd }
    const which = name === undefined ? 'does not say for which interface it is' : `is for ${name}, which is not served`
    throw new BoottorrentError('USAGE', `The inherited DHCP socket ${fd} ${which}.`, {
      hint: `Pass one for each of ${served.map((one) => one.name).join(', ')}, with these names (FileDescriptorName= in the socket units).`,
    })
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

interface ServerParts {
  readonly configuration: Configuration
  readonly overrides: readonly Override[]
  readonly watch: boolean
  readonly host: Host
  readonly served: readonly ServedInterface[]
  readonly client: ClientPackage
  readonly log: Log
  readonly signal: AbortSignal | undefined
  readonly inherited: readonly InheritedSocket[]
}

class ComposedServer extends EventEmitter<BootServerEvents> implements BootServer {
  readonly #parts: ServerParts
  readonly #live: LiveEnvironment
  readonly #log: Log
  readonly #machines: Machines = createMachines()
  readonly status: StatusBoard
  readonly #timeline: Timeline
  /** The start that is under way or was successful. */
  #started: Promise<void> | undefined
  #stopping: AbortController | undefined
  #running: AsyncDisposableStack | undefined
  #interfaces: ServedInterfaces

  constructor(parts: ServerParts) {
    super()
    this.#parts = parts
    const { configuration, overrides, served, client, log } = parts
    this.#log = log
    this.#live = new LiveEnvironment({
      configuration,
      load: () => loadEnvironment(configuration.directory, overrides),
      publish: (current, until) => this.#interfaces.publish(current, until),
      log,
    })
    this.#timeline = new Timeline({
      machines: this.#machines,
      manifest: client.manifest,
      nameOf: (machine) => ruleFor(this.#live.configuration.machines, machine)?.hostname,
      findNeighbour: platform.createNeighbours(() => performance.now()),
    })
    const [first] = served
    this.status = createStatusBoard({
      machines: this.#machines,
      server: { program: packageJson.version, interface: first?.name ?? '', address: first?.address ?? '' },
      actions: ['wake', 'reload'],
    })
    this.#interfaces = this.#createInterfaces(() => {}, [])
    this.#machines.on('step', (step) => this.#tell(step))
    this.#machines.on('stuck', ({ mac, stuck }) => {
      this.#log({ level: 'warn', event: 'machine.stuck', message: `${mac} is stuck: ${stuck.reason}`, mac, ...stuck })
    })
  }

  get served(): readonly ServedInterface[] {
    return this.#interfaces.list()
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
    return this.#interfaces.reads()
  }

  async reload(): Promise<Reload> {
    const { signal } = this.#stopping ?? {}
    if (this.#running === undefined || signal === undefined) {
      throw new BoottorrentError('USAGE', 'The server does not run, so it cannot reload.', { hint: 'Start it.' })
    }
    const interfaces = this.#interfaces
    const use = (publication: Publication) => {
      this.status.serve(systemsOf(publication))
      interfaces.use()
    }
    const reload = await interfaces.exclusively(() => this.#live.reload(use, signal))
    this.emit('reload', reload)
    return reload
  }

  async #start(): Promise<void> {
    this.#stopping = new AbortController()
    const { signal, served } = this.#parts
    const signals = [this.#stopping.signal, ...(signal ? [signal] : [])]
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
    const [first] = served
    const where = served.map(({ name, address }) => `${name}, ${address}`).join('; ')
    this.#log({
      level: 'info',
      event: 'server.ready',
      message: `ready: switch a machine on that boots from the network (${where})`,
      interface: first?.name,
      address: first?.address,
      interfaces: served,
    })
  }

  async #startAll(started: AsyncDisposableStack, signal: AbortSignal): Promise<void> {
    started.use(this.status)
    this.status.start()
    const changes = this.#createChanges()
    const { status: board } = this
    const page = await createRoomPage({ board, served: () => this.served, reload: () => this.reload(), log: this.#log })
    started.defer(() => page.close())
    const interfaces = this.#createInterfaces(() => changes.hint(), page.routes)
    this.#interfaces = interfaces
    started.use(interfaces)
    await interfaces.open(signal)
    // Before the files are read: what changes meanwhile is found afterwards.
    if (this.#parts.watch) {
      started.use(changes)
      await changes.start()
    }
    // Looking for other DHCP servers takes seconds, which hashing may use.
    const [publication] = await Promise.all([this.#live.publish(signal), interfaces.decideModes(signal)])
    this.status.serve(systemsOf(publication))
    await interfaces.serve(signal)
    // What is under way ends before the services that it needs.
    started.defer(() => this.#live.idle())
    signal.throwIfAborted()
    page.announce(this.#live.configuration.http.port)
  }

  #createInterfaces(onWithdrawn: () => void, routes: readonly Route[]): ServedInterfaces {
    const { client, host, served: interfaces, inherited, log } = this.#parts
    return new ServedInterfaces({
      ...{ client, host, interfaces, inherited, log, onWithdrawn, routes },
      // The settings that count as long as it runs, and the others as they are now.
      configuration: () => this.#live.configuration,
      timeline: this.#timeline,
      status: this.status,
      counts: new RoomCounts(this.status),
      onSwarm: (swarm) => this.#tellSwarm(swarm),
      interval: LOOK_EVERY_MS,
    })
  }

  #createChanges(): EnvironmentChanges {
    const { directory } = this.#live.configuration
    // A change during the start is served after it. The log tells how it went.
    const onChange = () => void this.#started?.then(() => this.reload()).catch(() => {})
    return new EnvironmentChanges({ directory, file: environmentFile, onChange })
  }

  #tellSwarm(swarm: InterfaceSwarm): void {
    const { os, complete, incomplete } = swarm
    const message = `${os}: ${complete} have it, ${incomplete} want it`
    this.#log({ level: 'debug', event: 'swarm', message, ...swarm })
    this.emit('swarm', swarm)
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

function levelOf({ step }: MachineStep): LogLevel {
  if (step === 'failed') return 'warn'
  // The service that saw the trouble has logged it already.
  return step === 'progress' || step === 'trouble' ? 'debug' : 'info'
}
