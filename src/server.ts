/**
 * The composition root: an environment becomes running services, and what they see becomes each machine's timeline.
 *
 * It is the only place where the rooms meet; none of them knows another.
 */
import { EventEmitter } from 'node:events'
import path from 'node:path'
import { type BootFiles, createBootFiles } from './boot-files.ts'
import type { ClientPackage } from './client-package.ts'
import { loadClientPackage } from './client-package.ts'
import {
  type BootAnswer,
  createDhcpServer,
  type DhcpServer,
  findDhcpServers,
  type Pool,
  type PxeClient,
  suggestPool,
} from './dhcp/index.ts'
import type { Configuration } from './environment/configuration.ts'
import { chooseInterface, hostInterfaces, loadEnvironment, type ServedInterface } from './environment/index.ts'
import { BoottorrentError } from './errors.ts'
import { createHttpServer, type HttpServer } from './http/index.ts'
import { type Log, silent } from './log.ts'
import { limitedLog } from './log-limit.ts'
import { ruleFor } from './machine-rules.ts'
import { createMachines, type Machine, type MachineStep, type Machines, type Step } from './machines/index.ts'
import { environmentName, type Publication, publish, scriptNames } from './publish.ts'
import { createSeeder } from './seeder/index.ts'
import { createTftpServer, type TftpServer } from './tftp/index.ts'
import { announceUrls, createTracker } from './tracker/index.ts'

export interface BootServerOptions {
  /** The environment's folder, or the configuration that was loaded from it. */
  readonly environment: string | Configuration
  /** Interface to serve, when it is not the one that the environment names or the only sensible one. */
  readonly interface?: string | undefined
  /** Path of the client's manifest.json. Left out: the one of the installed package @boottorrent/client. */
  readonly client?: string | undefined
  /** Where log entries go; nowhere when left out. */
  readonly log?: Log | undefined
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined
}

export interface BootServerEvents {
  /** A machine made a step on its way from DISCOVER to its system. */
  machine: [MachineStep]
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
  /** Closes everything, in the opposite order. Can be called at any time, and again. */
  close(): Promise<void>
  /** What is known of each machine. */
  machines(): Machine[]
  /** Files and folders that are read while it runs, known once it was started: for whoever gives up rights then. */
  reads(): readonly string[]
}

/**
 * Reads the environment and chooses the interface. Nothing is bound or written before `start()`.
 *
 * @throws BoottorrentError CONFIGURATION, INTERFACE, CLIENT_MISSING
 */
export async function createBootServer(options: BootServerOptions): Promise<BootServer> {
  const configuration = await configurationOf(options.environment)
  const served = chooseInterface(await hostInterfaces(), {
    interface: options.interface ?? configuration.network.interface,
    hostIp: configuration.network.hostIp,
  })
  const client = await loadClientPackage(options.client)
  // A room of 100 machines that are switched on at once makes about a thousand steps.
  const log = limitedLog(options.log ?? silent, { burst: 2000, perSecond: 50 })
  return new ComposedServer(configuration, served, client, log, options.signal)
}

async function configurationOf(environment: string | Configuration): Promise<Configuration> {
  if (typeof environment !== 'string') return environment
  const { configuration, problems } = await loadEnvironment(environment)
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

class ComposedServer extends EventEmitter<BootServerEvents> implements BootServer {
  readonly served: ServedInterface
  readonly #configuration: Configuration
  readonly #client: ClientPackage
  readonly #log: Log
  readonly #signal: AbortSignal | undefined
  readonly #machines: Machines = createMachines()
  /** The start that is under way or was successful. */
  #started: Promise<void> | undefined
  #stopping: AbortController | undefined
  #running: AsyncDisposableStack | undefined
  #reads: readonly string[] = []

  constructor(
    configuration: Configuration,
    served: ServedInterface,
    client: ClientPackage,
    log: Log,
    signal: AbortSignal | undefined,
  ) {
    super()
    this.#configuration = configuration
    this.served = served
    this.#client = client
    this.#log = log
    this.#signal = signal
    this.#machines.on('step', (step) => this.#tell(step))
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
    return this.#reads
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
    const { tracker, tftp } = this.#configuration
    // HTTP comes before there is anything to serve: when another boottorrent has the port, its out/ is not touched.
    let files = createBootFiles([])
    await run(this.#createHttp({ get: (name) => files.get(name), names: () => files.names() }))
    const publication = await publish({
      configuration: this.#configuration,
      client: this.#client,
      host: this.served.address,
      httpPort: this.#configuration.http.port,
      announce: announceUrls(this.served.address, tracker.port),
      log: this.#log,
      signal,
    })
    files = publication.files
    this.#reads = pathsOf(publication)
    if (tracker.enabled) await run(this.#createTracker(publication))
    await run(this.#createSeeder(publication))
    if (tftp.enabled) await run(this.#createTftp(publication))
    await run(this.#createDhcp(await this.#dhcpMode(signal)))
    signal.throwIfAborted()
  }

  #createTracker({ published }: Publication): Service {
    const infoHashes = new Set(published.map(({ infoHash }) => infoHash))
    const { port } = this.#configuration.tracker
    return createTracker({ address: this.served.address, port, infoHashes, log: this.#log })
  }

  #createSeeder({ published }: Publication): Service {
    const { port, lpd } = this.#configuration.seeder
    const torrents = published.map(({ os, torrent }) => ({ torrent, directory: path.dirname(os.directory) }))
    return createSeeder({ address: this.served.address, port, torrents, lsd: lpd, log: this.#log })
  }

  #createHttp(files: BootFiles): HttpServer {
    const http = createHttpServer({
      address: this.served.address,
      port: this.#configuration.http.port,
      files,
      log: this.#log,
      onReport: ({ mac, step, detail }, from) => {
        this.#machines.bind(mac, from, 'client')
        // A machine that claims the address of another one speaks for nobody but the one that has it.
        this.#machines.observe(this.#machines.macOf(from) ?? mac, step, detail, 'client')
      },
    })
    http.on('request', ({ remote, file, method, status, complete }) => {
      if (method === 'GET' && status < 300 && complete) this.#fetched(remote.address, file, 'HTTP')
    })
    return http
  }

  #createTftp({ files }: Publication): TftpServer {
    const { port } = this.#configuration.tftp
    const tftp = createTftpServer({ address: this.served.address, port, files, log: this.#log })
    tftp.on('done', ({ remote, file }) => this.#fetched(remote.address, file, 'TFTP'))
    return tftp
  }

  /** `auto` means: the addresses are ours unless somebody else on this network gives them. */
  async #dhcpMode(signal: AbortSignal): Promise<'dhcp' | 'proxy' | 'off'> {
    const { mode } = this.#configuration.network
    if (mode !== 'auto') return mode
    const { address } = this.served
    this.#log({ level: 'info', event: 'dhcp.probing', message: 'looking for another DHCP server on this network' })
    const found = await findDhcpServers({ address, signal })
    const others = found.map(({ server }) => server).filter((server) => server !== address)
    if (others.length === 0) {
      this.#log({ level: 'info', event: 'dhcp.alone', message: 'there is none: giving addresses to machines' })
      return 'dhcp'
    }
    const message = `${others.join(', ')} gives addresses on this network: giving boot files only`
    this.#log({ level: 'info', event: 'dhcp.beside', message, servers: others })
    return 'proxy'
  }

  #createDhcp(mode: 'dhcp' | 'proxy' | 'off'): DhcpServer {
    const { network, machines, directory } = this.#configuration
    const { range, lease, router } = network
    const dhcp = createDhcpServer({
      interfaces: [this.served],
      mode,
      ...(mode === 'dhcp' ? { pool: poolOf(range, lease, this.served) } : {}),
      ...(router === undefined ? {} : { router }),
      dns: network.dns,
      bootFile: (machine) => this.#bootAnswer(machine),
      reservations: (machine) => {
        const rule = ruleFor(machines, machine)
        return rule && { address: rule.address, hostname: rule.hostname }
      },
      excluded: machines.flatMap(({ address }) => (address === undefined ? [] : [address])),
      leaseFile: path.join(directory, '.boottorrent', 'leases'),
      log: this.#log,
    })
    dhcp.on('discover', ({ client }) => this.#machines.observe(client.mac, 'discover', describe(client)))
    dhcp.on('ack', ({ client, address }) => {
      this.#machines.bind(client.mac, address)
      this.#machines.observe(client.mac, 'address', address)
    })
    return dhcp
  }

  /** Any iPXE gets the script, whoever started it: chaining iPXE into iPXE would never end. */
  #bootAnswer(machine: PxeClient): BootAnswer | undefined {
    const server = this.served.address
    const file = machine.ipxe ? scriptNames.boot : this.#loaderFor(machine)
    if (file === undefined) return undefined
    return { server, file: machine.httpBoot ? `http://${server}:${this.#configuration.http.port}/${file}` : file }
  }

  #loaderFor({ firmware }: PxeClient): string | undefined {
    const { loaders } = this.#client.manifest
    if (firmware === 'bios') return loaders.bios
    return firmware === 'uefi-x64' ? loaders['uefi-x64'] : undefined
  }

  #fetched(address: string, file: string, by: string): void {
    const mac = this.#machines.macOf(address)
    const step = this.#stepOf(file)
    if (mac !== undefined && step !== undefined) this.#machines.observe(mac, step, `${file} by ${by}`)
  }

  /** Which step of a boot it is when a machine has fetched this file. */
  #stepOf(file: string): Step | undefined {
    const { kernels, loaders } = this.#client.manifest
    if (Object.values(loaders).includes(file)) return 'loader'
    if (Object.values(scriptNames).includes(file)) return 'script'
    if (Object.values(kernels).some((kernel) => kernel.file === file)) return 'kernel'
    return file === environmentName ? 'segments' : undefined
  }

  #tell(step: MachineStep): void {
    this.#log({
      level: step.step === 'failed' ? 'warn' : step.step === 'progress' ? 'debug' : 'info',
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

function describe({ firmware, ipxe, httpBoot, vendorClass }: PxeClient): string {
  if (ipxe) return `iPXE on ${firmware}`
  if (firmware === 'unknown') return vendorClass ?? 'no network boot'
  return httpBoot ? `${firmware} by HTTP` : firmware
}
