/** All interfaces that are served: their services start and end together, and follow them to new addresses. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { DhcpServer, InheritedSocket } from './dhcp/index.ts'
import { decideDhcpMode } from './dhcp-mode.ts'
import { type DecidedInterface, poolsFor } from './dhcp-pools.ts'
import { createDhcpService } from './dhcp-service.ts'
import type { Configuration, ServedInterface } from './environment/index.ts'
import { BoottorrentError } from './errors.ts'
import type { Host } from './host.ts'
import { InterfaceServices, type ServicesContext } from './interface-services.ts'
import { type InterfaceChange, InterfaceWatch, sentenceOf } from './interface-watch.ts'
import type { Publication } from './publish.ts'
import type { StatusBoard } from './status/index.ts'

export interface ServedInterfacesOptions extends ServicesContext {
  /** At least one. */
  readonly interfaces: readonly ServedInterface[]
  /** DHCP sockets that somebody with more rights opened. */
  readonly inherited: readonly InheritedSocket[]
  /** Where the room is shown. */
  readonly status: Pick<StatusBoard, 'locate'>
  readonly host: Host
  /** Milliseconds between two looks at the interfaces. */
  readonly interval: number
}

/** An address that could not be served is tried again after this many milliseconds. */
const RETRY_MS = 10_000

export class ServedInterfaces implements AsyncDisposable {
  readonly #options: ServedInterfacesOptions
  readonly #closing = new AbortController()
  readonly #services = new Map<string, InterfaceServices>()
  readonly #modes = new Map<string, DecidedInterface['mode']>()
  readonly #retries = new Map<string, NodeJS.Timeout>()
  readonly #complaints = new Map<string, string>()
  /** Every address that was served since the start. */
  readonly #ours: Set<string>
  #interfaces: readonly ServedInterface[]
  #dhcp: DhcpServer | undefined
  #watch: InterfaceWatch | undefined
  /** What was published last, by interface. */
  #published: ReadonlyMap<string, Publication> = new Map()
  /** Changes are followed one after the other. Never fails. */
  #following: Promise<void> = Promise.resolve()

  constructor(options: ServedInterfacesOptions) {
    this.#options = options
    this.#interfaces = options.interfaces
    this.#ours = new Set(options.interfaces.map(({ address }) => address))
  }

  /** The interfaces with the addresses that they are served at now. */
  list(): readonly ServedInterface[] {
    return this.#interfaces
  }

  /** Files and folders that are read while they are served. */
  reads(): readonly string[] {
    return [...new Set([...this.#services.values()].flatMap((services) => services.reads()))]
  }

  /** Takes the ports of HTTP, before anything is written. Whoever starts it disposes of it as well when that fails. */
  async open(signal: AbortSignal): Promise<void> {
    for (const served of this.#interfaces) await this.#newServices(served).openHttp(this.#until(signal))
    // What an earlier start left of interfaces that are not served any more.
    const { directory } = this.#options.configuration()
    await rm(path.join(directory, 'out', 'interfaces'), { recursive: true, force: true }).catch(() => {})
  }

  /** Finds out whose the addresses are on each interface, which takes seconds. */
  async decideModes(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#interfaces.map((served) => this.#decide(served, this.#until(signal))))
  }

  /**
   * Makes torrents and boot files for every interface, which {@link use} serves.
   *
   * @returns those of the first interface; the systems are the same everywhere
   */
  async publish(configuration: Configuration, signal: AbortSignal): Promise<Publication> {
    const made = new Map<string, Publication>()
    // One after the other: the first reads the images, and the others find its hashes.
    for (const [name, services] of this.#services) made.set(name, await services.publish(configuration, signal))
    this.#published = made
    const [first] = made.values()
    if (first === undefined) throw new Error('no interface is served')
    return first
  }

  /** Serves what was published last. */
  use(): void {
    for (const [name, services] of this.#services) {
      const publication = this.#published.get(name)
      if (publication !== undefined) services.use(publication)
    }
  }

  /** After `open`, `decideModes` and `publish`. */
  async serve(signal: AbortSignal): Promise<void> {
    this.use()
    for (const services of this.#services.values()) await services.serve(this.#until(signal))
    if (this.#options.configuration().network.mode !== 'off') {
      signal.throwIfAborted()
      this.#dhcp = createDhcpService(this.#decided(), this.#options)
      this.#options.timeline.watchDhcp(this.#dhcp)
      await this.#dhcp.start()
    }
    signal.throwIfAborted()
    this.#watchInterfaces()
  }

  /** Does something during which no interface is moved to another address. */
  exclusively<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.#following.then(step)
    this.#following = done.then(
      () => {},
      () => {},
    )
    return done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#watch?.close()
    for (const timer of this.#retries.values()) clearTimeout(timer)
    await this.#following
    await this.#dhcp?.close()
    for (const services of [...this.#services.values()].reverse()) await services[Symbol.asyncDispose]()
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal])
  }

  #newServices(served: ServedInterface): InterfaceServices {
    const isFirst = served.name === this.#options.interfaces[0]?.name
    const folder = isFirst ? undefined : path.join('interfaces', encodeURIComponent(served.name))
    const services = new InterfaceServices(served, this.#options, folder)
    this.#services.set(served.name, services)
    return services
  }

  async #decide(served: ServedInterface, signal: AbortSignal): Promise<void> {
    const { configuration, host, log } = this.#options
    const { findDhcpServers } = host
    const { mode: wanted } = configuration().network
    const mode = await decideDhcpMode({ mode: wanted, served, ours: this.#ours, findDhcpServers, log, signal })
    if (mode !== 'off') this.#modes.set(served.name, mode)
  }

  #decided(): DecidedInterface[] {
    return this.#interfaces.map((served) => ({ ...served, mode: this.#modes.get(served.name) ?? 'proxy' }))
  }

  #watchInterfaces(): void {
    const { interfaces, configuration, host, interval } = this.#options
    const { hostIps } = configuration().network
    const onChange = (change: InterfaceChange) => this.#onChange(change)
    const list = () => host.interfaces()
    this.#watch = new InterfaceWatch({ interfaces, hostIps, list, interval, onChange })
    this.#watch.start()
  }

  #onChange(change: InterfaceChange): void {
    const { name, address } = change.kind === 'moved' ? change.to : change.served
    const level = change.kind === 'returned' ? 'info' : 'warn'
    const message = sentenceOf(change)
    this.#options.log({ level, event: `network.${change.kind}`, message, interface: name, address })
    if (change.kind === 'moved') this.#follow(change.to)
  }

  #follow(to: ServedInterface): void {
    clearTimeout(this.#retries.get(to.name))
    void this.exclusively(() => this.#moveTo(to)).catch((error) => this.#failed(to, error))
  }

  /** The port of a service is free again before it is bound anew, for only the address is another. */
  async #moveTo(to: ServedInterface): Promise<void> {
    const { signal } = this.#closing
    if (signal.aborted) return
    const { name, address } = to
    await this.#services.get(name)?.[Symbol.asyncDispose]()
    this.#interfaces = this.#interfaces.map((served) => (served.name === name ? to : served))
    this.#ours.add(address)
    await this.#decideAnew(to, signal)
    const services = this.#newServices(to)
    try {
      await services.openHttp(signal)
      services.use(await services.publish(this.#options.configuration(), signal))
      await services.serve(signal)
      await this.#dhcp?.serve(this.#decided(), poolsFor(this.#decided(), this.#options.configuration().network))
    } catch (error) {
      await services[Symbol.asyncDispose]()
      throw error
    }
    this.#options.status.locate(this.#interfaces)
    this.#complaints.delete(name)
    const message = `${name} is served at ${address}`
    this.#options.log({ level: 'info', event: 'network.following', message, interface: name, address })
  }

  /** Another network may have a DHCP server. A server that runs does not end because of it, as one does that starts. */
  async #decideAnew(served: ServedInterface, signal: AbortSignal): Promise<void> {
    try {
      await this.#decide(served, signal)
    } catch (error) {
      if (!(error instanceof BoottorrentError) || error.code !== 'NETWORK_CONFLICT') throw error
      this.#modes.set(served.name, 'proxy')
      const message = `${error.message} So only boot files are given there. ${error.hint ?? ''}`
      this.#options.log({ level: 'error', event: 'dhcp.conflict', message, interface: served.name })
    }
  }

  #failed(to: ServedInterface, error: unknown): void {
    if (this.#closing.signal.aborted) return
    const { name, address } = to
    const reason = error instanceof Error ? error.message : String(error)
    const message = `${name} cannot be served at its new address ${address}: ${reason}. ${remedyOf(error)}`
    if (this.#complaints.get(name) !== message) {
      this.#options.log({ level: 'error', event: 'network.failed', message, interface: name, address })
    }
    this.#complaints.set(name, message)
    this.#retries.set(name, setTimeout(() => this.#follow(to), RETRY_MS).unref())
  }
}

function remedyOf(error: unknown): string {
  if (!(error instanceof BoottorrentError)) return 'It is tried again.'
  if (error.code === 'PERMISSION') return 'Start boottorrent again: the user that it became may not bind these ports.'
  return `${error.hint ?? ''} It is tried again.`
}
