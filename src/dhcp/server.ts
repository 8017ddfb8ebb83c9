/** The server: sockets, files and events around the policies. */
import type { Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { BoottorrentError } from '../errors.ts'
import { Lifecycle } from '../lifecycle.ts'
import { type Log, silent } from '../log.ts'
import { addressNumber, formatAddress } from './address.ts'
import type { DhcpEvent, DhcpEventMap } from './events.ts'
import { Exchange } from './exchange.ts'
import type { DhcpCounters, DhcpServer, DhcpServerOptions, LeaseInfo } from './index.ts'
import { Journal } from './journal.ts'
import { AddressBook, type Lease } from './leases.ts'
import { createPolicy, isBeside, type Modes, modesOf } from './modes.ts'
import { createElsewhere } from './neighbours.ts'
import type { Answer } from './policy.ts'
import { createBootServerPolicy } from './proxy-policy.ts'
import type { Reply } from './reply.ts'
import { Reporter } from './reporter.ts'
import { Sender } from './sender.ts'
import { closeSocket, type OpenSockets, openSockets } from './sockets.ts'
import { addressesInUse, inNetwork, makeSubnets, type Pool, type ServedInterface, suggestPool } from './subnet.ts'
import { OfferWatch } from './watch.ts'

export class Server extends EventEmitter<DhcpEventMap> implements DhcpServer {
  readonly counters: DhcpCounters = { received: 0, sent: 0, malformed: 0, limited: 0, sendFailures: 0 }
  readonly #options: DhcpServerOptions
  readonly #log: Log
  readonly #clock: () => number
  readonly #modes: Modes
  readonly #elsewhere: (address: string) => boolean
  readonly #books: AddressBook[]
  /** Leases of networks that are not served now: of where this computer was before, and may be again. */
  readonly #otherLeases = new Map<number, Lease>()
  readonly #answer: Answer
  readonly #answerBootServer: Answer
  readonly #reporter: Reporter
  readonly #exchange: Exchange
  readonly #lifecycle = new Lifecycle(
    () => this.#open(),
    () => this.#shut(),
  )
  #sockets: OpenSockets | undefined
  #journal: Journal | undefined
  #watch: OfferWatch | undefined

  constructor(options: DhcpServerOptions) {
    super()
    const { log = silent, clock = Date.now } = options
    this.#options = options
    this.#log = log
    this.#clock = clock
    const { interfaces, router = [], dns = [], ntp = [], domain, mode } = options
    this.#modes = modesOf(interfaces, mode)
    this.#elsewhere = createElsewhere(interfaces, clock)
    const pools = poolsOf(options, this.#modes)
    const routers = [router].flat()
    const subnets = makeSubnets({ interfaces, pools, routers, dns, ntp, domain })
    const keptBack = { inUse: addressesInUse(subnets), reserved: new Set(options.excluded?.map(addressNumber)) }
    this.#books = subnets.map((subnet) => new AddressBook(subnet, keptBack, this.#clock))
    const settings = {
      interfaces,
      books: this.#books,
      bootFile: options.bootFile,
      reservations: options.reservations ?? (() => undefined),
      authoritative: options.authoritative ?? false,
      elsewhere: this.#elsewhere,
      clock: this.#clock,
    }
    this.#answer = createPolicy(settings, this.#modes)
    this.#answerBootServer = createBootServerPolicy(settings)
    needAllInherited(options)
    const { counters } = this
    const emit = ({ name, fact }: DhcpEvent) => this.emit(name, fact as never)
    const reporter = new Reporter({ isBeside: (server) => isBeside(this.#modes, server), log, clock, emit })
    const clientPort = options.ports?.client ?? 68
    const sender = new Sender({ counters, reporter, sockets: () => this.#sockets, clientPort })
    const send = (reply: Reply) => sender.send(reply)
    this.#reporter = reporter
    const isKnown = (mac: string) => this.#books.some((book) => book.knows(mac))
    this.#exchange = new Exchange({ counters, reporter, clock, journal: () => this.#journal, isKnown, send })
  }

  start(): Promise<void> {
    return this.#lifecycle.start()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async #open(): Promise<void> {
    const { interfaces, mode, leaseFile, ports = {}, inherited = [] } = this.#options
    if (mode === 'off') return
    const isOwner = this.#modes.owned.length > 0
    if (isOwner && leaseFile !== undefined) {
      this.#journal = await Journal.open(leaseFile, {
        take: (lease) => this.#takeUp(lease),
        count: () => this.#books.reduce((sum, book) => sum + book.leaseCount, this.#otherLeases.size),
        leases: () => [...this.#books.flatMap((book) => [...book.leases()]), ...this.#otherLeases.values()],
        log: this.#log,
      })
    }
    try {
      this.#sockets = await openSockets(
        interfaces,
        { server: ports.server ?? 67, proxy: ports.proxy ?? 4011 },
        inherited,
      )
    } catch (error) {
      await this.#journal?.close()
      this.#journal = undefined
      throw error
    }
    this.#listen(this.#sockets)
    if (isOwner) await this.#watchOthers(ports.client ?? 68)
    this.#tellWhere('dhcp', this.#modes.owned, 'Giving addresses and boot files on')
    this.#tellWhere('proxy', this.#modes.beside, 'Naming boot files on')
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
    if (sockets !== undefined) await Promise.all(allSockets(sockets).map(closeSocket))
    this.#exchange.close()
    await this.#journal?.close()
    this.#journal = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  leases(): LeaseInfo[] {
    const now = this.#clock()
    return this.#books
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
    const hear = (socket: Socket, answer: Answer, served: ServedInterface | undefined) => {
      // An inherited socket hears unicasts and broadcasts alike.
      const way = { interface: served, unicast: served !== undefined && sockets.broadcast !== undefined }
      socket.on('message', (bytes, from) => this.#exchange.receive(bytes, from, answer, way))
      socket.on('error', (error) => this.#reporter.complain('dhcp.socket-error', 'A socket failed', error))
    }
    if (sockets.broadcast !== undefined) hear(sockets.broadcast, this.#answer, undefined)
    for (const served of this.#options.interfaces) {
      const dhcp = sockets.dhcp.get(served.address)
      const proxy = sockets.proxy.get(served.address)
      if (dhcp !== undefined) hear(dhcp, this.#answer, served)
      if (proxy !== undefined) hear(proxy, this.#answerBootServer, served)
    }
  }

  async #watchOthers(clientPort: number): Promise<void> {
    const ours = new Set(this.#options.interfaces.map(({ address }) => address))
    this.#watch = await OfferWatch.open(clientPort, (fact) => {
      const { server, address = server } = fact
      if (ours.has(server) || isBeside(this.#modes, server)) return
      // The clients' port hears the answers of every network that this computer is in.
      if (this.#elsewhere(server) || this.#elsewhere(address)) return
      this.#reporter.happened({ name: 'other-server', fact })
    })
  }

  #takeUp(lease: Lease): void {
    const book = this.#books.find(({ subnet }) => inNetwork(subnet, lease.address))
    if (book === undefined) this.#otherLeases.set(lease.address, lease)
    else book.commit(lease)
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

function poolsOf({ pool }: DhcpServerOptions, { owned }: Modes): readonly Pool[] {
  if (owned.length === 0) return []
  if (pool === undefined) return owned.map((served) => suggestPool(served))
  return [pool].flat()
}

function allSockets({ dhcp, proxy, broadcast }: OpenSockets): Socket[] {
  return [...dhcp.values(), ...proxy.values(), ...only(broadcast)]
}

function only<Thing>(thing: Thing | undefined): Thing[] {
  return thing === undefined ? [] : [thing]
}
