/**
 * The composition root: an environment becomes running services, and what they see becomes each machine's timeline.
 *
 * It is the only place where the rooms meet; none of them knows another.
 */
import { EventEmitter } from 'node:events'
import packageJson from '../package.json' with { type: 'json' }
import type { ClientPackage } from './client-package.ts'
import type { InheritedSocket } from './dhcp/index.ts'
import type { Configuration } from './environment/configuration.ts'
import { environmentFile, loadEnvironment, type Override, type ServedInterface } from './environment/index.ts'
import { EnvironmentChanges } from './environment-changes/index.ts'
import { BoottorrentError } from './errors.ts'
import type { Host } from './host.ts'
import type { Route } from './http/index.ts'
import type { InterfaceSwarm } from './interface-services.ts'
import { LiveEnvironment, type Reload } from './live-environment.ts'
import type { Log, LogLevel } from './log.ts'
import { ruleFor } from './machine-rules.ts'
import { createMachines, type Machine, type MachineStep, type Machines } from './machines/index.ts'
import { platform } from './platform/index.ts'
import type { Publication } from './publish.ts'
import { RoomCounts } from './room-counts.ts'
import { createRoomPage } from './room-page.ts'
import { ServedInterfaces } from './served-interfaces.ts'
import type { BootServer, BootServerEvents } from './server.ts'
import { createStatusBoard, type ServedSystem, type StatusBoard } from './status/index.ts'
import { Timeline } from './timeline.ts'

/** How often to look whether the interfaces are as they were, in milliseconds. */
const LOOK_EVERY_MS = 1_000

/** What was read and chosen before. */
export interface ServerParts {
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

export class ComposedServer extends EventEmitter<BootServerEvents> implements BootServer {
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

function levelOf({ step, source }: MachineStep): LogLevel {
  if (step === 'failed' || (step === 'trouble' && source === 'client')) return 'warn'
  // Trouble that the host saw was logged by the service that saw it.
  return step === 'progress' || step === 'trouble' ? 'debug' : 'info'
}
