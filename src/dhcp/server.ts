/** The server: sockets, files and events around the policies. */
import type { Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { BoottorrentError } from '../errors.ts'
import { Lifecycle } from '../lifecycle.ts'
import { type Log, silent } from '../log.ts'
import { formatAddress } from './address.ts'
import type { DhcpEvent, DhcpEventMap } from './events.ts'
import { Exchange } from './exchange.ts'
import type { DhcpCounters, DhcpServer, DhcpServerOptions, LeaseInfo } from './index.ts'
import { Journal } from './journal.ts'
import { isBeside } from './modes.ts'
import type { Answer } from './policy.ts'
import type { Reply } from './reply.ts'
import { Reporter } from './reporter.ts'
import { Sender } from './sender.ts'
import { ServedNetworks } from './served-networks.ts'
import { allSockets, closeSocket, type OpenSockets, openSockets } from './sockets.ts'
import type { Pool, ServedInterface } from './subnet.ts'
import { OfferWatch } from './watch.ts'

export class Server extends EventEmitter<DhcpEventMap> implements DhcpServer {
  readonly counters: DhcpCounters = { received: 0, sent: 0, malformed: 0, limited: 0, sendFailures: 0 }
  readonly #options: DhcpServerOptions
  readonly #log: Log
  readonly #clock: () => number
  readonly #reporter: Reporter
  readonly #exchange: Exchange
  readonly #lifecycle = new Lifecycle(
    () => this.#open(),
    () => this.#shut(),
  )
  #networks: ServedNetworks
  #sockets: OpenSockets | undefined
  #journal: Journal | undefined
  #watch: OfferWatch | undefined

  constructor(options: DhcpServerOptions) {
    super()
    const { log = silent, clock = Date.now } = options
    this.#options = options
    this.#log = log
    this.#clock = clock
    this.#networks = new ServedNetworks(options, clock)
    needAllInherited(options)
    const { counters } = this
    const emit = ({ name, fact }: DhcpEvent) => this.emit(name, fact as never)
    const reporter = new Reporter({ isBeside: (server) => isBeside(this.#networks.modes, server), log, clock, emit })
    const clientPort = options.ports?.client ?? 68
    const sender = new Sender({ counters, reporter, sockets: () => this.#sockets, clientPort })
    const send = (reply: Reply) => sender.send(reply)
    this.#reporter = reporter
    const isKnown = (mac: string) => this.#networks.books.some((book) => book.knows(mac))
    this.#exchange = new Exchange({ counters, reporter, clock, journal: () => this.#journal, isKnown, send })
  }

  start(): Promise<void> {
    return this.#lifecycle.start()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async serve(interfaces: readonly ServedInterface[], pool?: Pool | readonly Pool[]): Promise<void> {
    // What was given for the networks before says nothing about these.
    const networks = new ServedNetworks({ ...this.#options, interfaces, pool }, this.#clock)
    const isRunning = await this.#lifecycle.change(() => this.#move(networks))
    if (!isRunning) this.#go(networks)
  }

  async #open(): Promise<void> {
    const { mode, ports = {}, inherited = [] } = this.#options
    if (mode === 'off') return
    await this.#openJournal()
    const wanted = { server: ports.server ?? 67, proxy: ports.proxy ?? 4011 }
    try {
      this.#sockets = await openSockets(this.#networks.interfaces, wanted, inherited)
    } catch (error) {
      await this.#journal?.close()
      this.#journal = undefined
      throw error
    }
    this.#listen(this.#sockets)
    await this.#watchOthers()
    this.#tellModes()
  }

  /** New sockets are bound before old ones are closed: when that fails, all is as it was. */
  async #move(networks: ServedNetworks): Promise<void> {
    const before = this.#sockets
    if (before === undefined) return this.#go(networks)
    const sockets = await openSockets(networks.interfaces, portsOf(before), this.#options.inherited ?? [], before)
    this.#go(networks)
    this.#sockets = sockets
    this.#listen(sockets)
    const kept = allSockets(sockets)
    await Promise.all([...allSockets(before)].filter((socket) => !kept.has(socket)).map(closeSocket))
    await this.#openJournal()
    await this.#watchOthers()
    this.#tellModes()
  }

  #go(networks: ServedNetworks): void {
    for (const lease of this.#networks.leases()) networks.takeUp(lease)
    this.#networks = networks
  }

  async #openJournal(): Promise<void> {
    const { leaseFile } = this.#options
    if (this.#journal !== undefined || leaseFile === undefined || this.#networks.modes.owned.length === 0) return
    this.#journal = await Journal.open(leaseFile, {
      take: (lease) => this.#networks.takeUp(lease),
      count: () => this.#networks.leaseCount(),
      leases: () => this.#networks.leases(),
      log: this.#log,
    })
  }

  #tellModes(): void {
    this.#tellWhere('dhcp', this.#networks.modes.owned, 'Giving addresses and boot files on')
    this.#tellWhere('proxy', this.#networks.modes.beside, 'Naming boot files on')
  }

  #tellWhere(mode: 'dhcp' | 'proxy', interfaces: readonly ServedInterface[], what: string): void {
    if (interfaces.length === 0) return
    const served = interfaces.map(({ name, address }) => `${name} (${address})`).join(', ')
    const names = interfaces.map(({ name }) => name)
    this.#log({ level: 'info', event: 'dhcp.listening', message: `${what} ${served}`, mode, interfaces: names })
  }

  async #shut(): Promise<void> {
    const sockets = this.#sockets
    this.#sockets = undefined
    await this.#watch?.close()
    this.#watch = undefined
    if (sockets !== undefined) await Promise.all([...allSockets(sockets)].map(closeSocket))
    this.#exchange.close()
    await this.#journal?.close()
    this.#journal = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  leases(): LeaseInfo[] {
    const now = this.#clock()
    return this.#networks.books
      .flatMap((book) => [...book.leases()])
      .filter(({ expires }) => expires > now)
      .map(({ address, mac, hostname, expires }) => ({ address: formatAddress(address), mac, hostname, expires }))
  }

  addresses(): ReturnType<DhcpServer['addresses']> {
    if (this.#sockets === undefined) return []
    const { dhcp, proxy, broadcast } = this.#sockets
    return [
      ...[...dhcp.values(), ...only(broadcast)].map((socket) => ({ ...socket.address(), role: 'dhcp' as const })),
      ...[...proxy.values()].map((socket) => ({ ...socket.address(), role: 'proxy' as const })),
    ]
  }

  #listen(sockets: OpenSockets): void {
    const { answer, answerBootServer, interfaces } = this.#networks
    const hear = (socket: Socket, policy: Answer, served: ServedInterface | undefined) => {
      // An inherited socket hears unicasts and broadcasts alike.
      const way = { interface: served, unicast: served !== undefined && sockets.broadcast !== undefined }
      socket.on('message', (bytes, from) => this.#exchange.receive(bytes, from, policy, way))
    }
    for (const socket of allSockets(sockets)) {
      // Those that were open already spoke for other networks.
      socket.removeAllListeners('message').removeAllListeners('error')
      socket.on('error', (error) => this.#reporter.complain('dhcp.socket-error', 'A socket failed', error))
    }
    if (sockets.broadcast !== undefined) hear(sockets.broadcast, answer, undefined)
    for (const served of interfaces) {
      const dhcp = sockets.dhcp.get(served.address)
      const proxy = sockets.proxy.get(served.address)
      if (dhcp !== undefined) hear(dhcp, answer, served)
      if (proxy !== undefined) hear(proxy, answerBootServer, served)
    }
  }

  async #watchOthers(): Promise<void> {
    if (this.#watch !== undefined || this.#networks.modes.owned.length === 0) return
    this.#watch = await OfferWatch.open(this.#options.ports?.client ?? 68, (fact) => {
      const { interfaces, modes, computer } = this.#networks
      const { server, address = server } = fact
      if (isBeside(modes, server) || interfaces.some((served) => served.address === server)) return
      // The clients' port hears the answers of every network that this computer is in.
      const isElsewhere = computer.elsewhere(server) || computer.elsewhere(address)
      if (!isElsewhere) this.#reporter.happened({ name: 'other-server', fact })
    })
  }
}

/** Sockets of both kinds cannot have the same port. */
function needAllInherited({ interfaces, inherited = [] }: DhcpServerOptions): void {
  const missing = interfaces.find(({ name }) => inherited.every((one) => one.interface !== name))
  if (inherited.length === 0 || missing === undefined) return
  throw new BoottorrentError('CONFIGURATION', `There is no inherited socket for ${missing.name}, but for another one`, {
    hint: 'Pass a socket for every interface that is served, or for none.',
  })
}

/** The ports that were bound: those that were asked for, or those that the system chose. */
function portsOf({ dhcp, proxy }: OpenSockets): { server: number; proxy: number } {
  const portOf = (sockets: ReadonlyMap<string, Socket>) => [...sockets.values()][0]?.address().port ?? 0
  return { server: portOf(dhcp), proxy: portOf(proxy) }
}

function only<Thing>(thing: Thing | undefined): Thing[] {
  return thing === undefined ? [] : [thing]
}
