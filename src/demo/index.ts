/**
 * A classroom on one computer: the real boot server on ports of the loopback interface that need no rights, and simulated
 * machines that do what firmware, loader, Phase-1 and aria2 do, on links of limited speed. Then the same with one server that
 * gives everything to everybody.
 *
 * ```ts
 * await using demo = await openDemo({ clients: 12, bytes: 16e6, speeds: { host: 20e6, machine: 100e6 }, log })
 * await demo.start()
 * const { seconds } = await demo.boot()
 * const central = await demo.downloadCentrally()
 * ```
 */
import { readdir, stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { createBootFiles } from '../boot-files.ts'
import { loadEnvironment } from '../environment/index.ts'
import { BoottorrentError } from '../errors.ts'
import { createHttpServer } from '../http/index.ts'
import type { Log, LogEntry } from '../log.ts'
import { type BootServer, composeBootServer } from '../server.ts'
import { type DemoAddresses, demoAddresses, demoInterfaces } from './addresses.ts'
import { type DemoEnvironment, makeEnvironment } from './environment.ts'
import { MachinesThread } from './machines.ts'
import type { RoomReport, RoomTask, SwarmOutcome } from './messages.ts'
import type { LinkSpeeds } from './network.ts'
import { type DemoPorts, freePorts, STANDARD_PORTS } from './ports.ts'
import type { Door } from './vm/door.ts'
import type { Lan } from './vm/lan.ts'
import { VirtualMachines, type VirtualOutcome } from './vm/machines.ts'
import { virtualPcs, vmAddresses } from './vm/network.ts'

export interface DemoOptions {
  /** How many machines, 1 to 200. */
  readonly clients: number
  /** Size of what they download. */
  readonly bytes: number
  /** Bits per second. */
  readonly speeds: LinkSpeeds
  /** Real machines in QEMU beside the simulated ones: how many, and the LAN, on which this process runs. */
  readonly virtual?: {
    readonly machines: number
    readonly lan: Pick<Lan, 'spawn' | 'tap'>
    /** For browsers of the computer around it. */
    readonly door: Door
  }
  readonly log: Log
  /** Ends what is under way. */
  readonly signal?: AbortSignal
}

/** What a room did that shares. */
export interface Lesson extends SwarmOutcome {
  /** Bytes of the image that the host's seeder sent, as it counts them itself. */
  readonly serverBytes: number
  /** Real machines in QEMU. */
  readonly virtual: VirtualOutcome
}

export type CentralProgress = Extract<RoomReport, { report: 'central-progress' }>

export interface Demo extends AsyncDisposable {
  /** The boot server. */
  readonly server: BootServer
  /** URL of the web page on which the room is shown. */
  readonly page: string
  /** Starts the server, and the thread of the machines. */
  start(): Promise<void>
  /** Switches all machines on; resolves when their systems run. @throws the signal's reason */
  boot(): Promise<Lesson>
  /** Lets the machines that booted download the same from a server alone. @returns the seconds that it took */
  downloadCentrally(onProgress?: (progress: CentralProgress) => void): Promise<number>
}

/** Milliseconds between two looks at what the host has sent, and how many: its seeder counts once a second. */
const LOOK_MS = 100
const LOOKS = 30

/**
 * Makes the room. Nothing of it is left when it is disposed of.
 *
 * @throws BoottorrentError CLIENT_MISSING; INTERFACE on a computer whose loopback interface is off or has one address only; USAGE
 *   when virtual machines cannot run a system that small
 */
export async function openDemo(options: DemoOptions): Promise<Demo> {
  const { clients, bytes, speeds, virtual, log, signal } = options
  const addresses = virtual === undefined ? demoAddresses(process.pid) : vmAddresses
  const ports = virtual === undefined ? await loopbackPorts(addresses) : STANDARD_PORTS
  const pcs = virtualPcs(virtual?.machines ?? 0)
  await using opened = new AsyncDisposableStack()
  const environment = opened.use(await makeEnvironment({ bytes, addresses, ports, virtual: pcs }))
  const inside = `http://${addresses.host}:${ports.http}/`
  const page = virtual?.door.url ?? inside
  const told: Log = (entry) => log(entry.event === 'web.ready' ? withUrl(entry, inside, page) : entry)
  const server = opened.use(await serverOf(environment, { addresses, ports, log: told, signal }))
  const task = {
    server: addresses.host,
    nobody: addresses.nobody,
    dhcp: { server: ports.dhcpServer, client: ports.dhcpClient },
    tftpPort: ports.tftp,
    machines: clients,
    speeds,
  }
  const parts = { page, server, task, environment, ports, log, signal }
  if (virtual === undefined) return new OpenDemo({ ...parts, virtual: undefined }, opened.move())
  const { lan, door } = virtual
  door.lead(addresses.host, ports.http)
  const machines = opened.use(new VirtualMachines({ lan, pcs, bytes, folder: environment.directory, log }))
  return new OpenDemo({ ...parts, virtual: machines }, opened.move())
}

/** The server knows its page by the address that it has itself; browsers come through a door. */
function withUrl(entry: LogEntry, inside: string, outside: string): LogEntry {
  return { ...entry, message: entry.message.replaceAll(inside, outside), url: outside }
}

async function loopbackPorts({ host }: DemoAddresses): Promise<DemoPorts> {
  refuseWithoutLoopback()
  return freePorts(host).catch((cause) => {
    throw new BoottorrentError('INTERFACE', `The loopback interface does not have the address ${host}.`, {
      hint: 'The demo gives each machine an address of 127.0.0.0/8, as Linux has them all; run it on Linux.',
      cause,
    })
  })
}

/** Its addresses can be bound all the same when it is off, and nobody would ever answer. */
function refuseWithoutLoopback(): void {
  const all = Object.values(networkInterfaces()).flat()
  if (all.some((address) => address?.internal)) return
  throw new BoottorrentError('INTERFACE', 'The loopback interface of this computer is off.', {
    hint: 'Switch it on: sudo ip link set lo up',
  })
}

interface Surroundings extends Pick<DemoOptions, 'log' | 'signal'> {
  readonly addresses: DemoAddresses
  readonly ports: DemoPorts
}

async function serverOf({ directory }: DemoEnvironment, { addresses, ports, log, signal }: Surroundings) {
  const { configuration, problems } = await loadEnvironment(directory)
  if (configuration === undefined) throw new Error(`the environment of the demo is wrong: ${JSON.stringify(problems)}`)
  const host = {
    interfaces: async () => demoInterfaces(addresses),
    // On a network of our own there is nobody else.
    findDhcpServers: async () => [],
    dhcpPorts: { server: ports.dhcpServer, client: ports.dhcpClient, proxy: ports.proxy },
  }
  return composeBootServer({ environment: configuration, watch: false, log, signal }, host)
}

function tellFailure(report: RoomReport, log: Log): void {
  if (report.report !== 'failed') return
  const { mac, reason } = report
  log({ level: 'warn', event: 'demo.machine-failed', message: `${mac} did not boot: ${reason}`, mac })
}

interface DemoParts {
  readonly page: string
  readonly server: BootServer
  readonly task: RoomTask
  readonly environment: DemoEnvironment
  readonly ports: DemoPorts
  readonly virtual: VirtualMachines | undefined
  readonly log: Log
  readonly signal: AbortSignal | undefined
}

class OpenDemo implements Demo {
  readonly server: BootServer
  readonly page: string
  readonly #parts: DemoParts
  readonly #opened: AsyncDisposableStack
  #machines: MachinesThread | undefined

  constructor(parts: DemoParts, opened: AsyncDisposableStack) {
    this.server = parts.server
    this.page = parts.page
    this.#parts = parts
    this.#opened = opened
  }

  async start(): Promise<void> {
    const { server, task, log } = this.#parts
    await server.start()
    const machines = this.#opened.use(await MachinesThread.open(task))
    machines.on('report', (report) => tellFailure(report, log))
    this.#machines = machines
  }

  async boot(): Promise<Lesson> {
    const { virtual } = this.#parts
    const real = virtual?.boot() ?? Promise.resolve({ wanted: 0, booted: 0 })
    // Simulated machines are quick: they wait in their menus for the real ones, so that all download together.
    const outcome = await this.#unlessAborted(this.#thread().boot(virtual?.downloading))
    const ended = await this.#unlessAborted(real)
    return { ...outcome, serverBytes: await this.#sentBytes(outcome.fromServer), virtual: ended }
  }

  async downloadCentrally(onProgress?: (progress: CentralProgress) => void): Promise<number> {
    const { environment, ports, task } = this.#parts
    const machines = this.#thread()
    await using http = createHttpServer({
      address: task.server,
      port: ports.central,
      files: createBootFiles(await filesIn(environment.image)),
      limits: { readTimeout: PATIENCE_MS },
    })
    await http.start()
    const tell = (report: RoomReport) => report.report === 'central-progress' && onProgress?.(report)
    machines.on('report', tell)
    try {
      return await this.#unlessAborted(machines.downloadCentrally(`http://${task.server}:${ports.central}/`))
    } finally {
      machines.off('report', tell)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
  }

  /** What the host has sent is at least what the machines got from it; its seeder counts later than they do. */
  async #sentBytes(received: number): Promise<number> {
    const sent = () => this.server.status.snapshot().swarms.reduce((sum, { uploaded }) => sum + uploaded, 0)
    for (let look = 0; look < LOOKS && sent() < received; look++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    return sent()
  }

  #thread(): MachinesThread {
    if (this.#machines !== undefined) return this.#machines
    throw new BoottorrentError('USAGE', 'The demo has not been started.', { hint: 'Call start() first.' })
  }

  #unlessAborted<Result>(work: Promise<Result>): Promise<Result> {
    const { signal } = this.#parts
    if (signal === undefined) return work
    const { promise, reject } = Promise.withResolvers<never>()
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort))
  }
}

/** A machine of a large room waits long for its turn at the server's cable. */
const PATIENCE_MS = 600_000

async function filesIn(folder: string) {
  const names = (await readdir(folder)).filter((name) => name !== 'config.yaml')
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name)
      return { name, path: file, size: (await stat(file)).size }
    }),
  )
}

export type { LinkSpeeds } from './network.ts'
