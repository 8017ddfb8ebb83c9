/** The server: sockets, files and events around the policies. */
import type { RemoteInfo, Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { BoottorrentError } from '../errors.ts'
import { Lifecycle } from '../lifecycle.ts'
import { type Log, silent } from '../log.ts'
import { addressNumber, formatAddress } from './address.ts'
import { createAddressPolicy } from './address-policy.ts'
import { macOf } from './client.ts'
import type { DhcpEvent, DhcpEventMap } from './events.ts'
import type { DhcpCounters, DhcpServer, DhcpServerOptions, LeaseInfo } from './index.ts'
import { Journal } from './journal.ts'
import { AddressBook, type Lease } from './leases.ts'
import { Once, RateLimit } from './limit.ts'
import { decode, encode } from './packet.ts'
import type { Answer, Arrival, Outcome } from './policy.ts'
import { createBootServerPolicy, createProxyPolicy } from './proxy-policy.ts'
import type { Reply } from './reply.ts'
import { logEntry } from './report.ts'
import { closeSocket, type OpenSockets, openSockets } from './sockets.ts'
import { addressesInUse, makeSubnets, type Pool, type ServedInterface, suggestPool } from './subnet.ts'
import { OfferWatch } from './watch.ts'

/** A machine that boots sends about a dozen packets a minute. */
const PACKETS_PER_MACHINE = { burst: 20, periodMs: 10_000, keys: 8_192 }

/** More lines of one kind than this are a flood, which should not fill the disk. */
const LINES_PER_EVENT = { burst: 1_000, periodMs: 10_000, keys: 64 }

export class Server extends EventEmitter<DhcpEventMap> implements DhcpServer {
  readonly counters: DhcpCounters = { received: 0, sent: 0, malformed: 0, limited: 0, sendFailures: 0 }
  readonly #options: DhcpServerOptions
  readonly #log: Log
  readonly #clock: () => number
  readonly #books: AddressBook[]
  readonly #answer: Answer
  readonly #answerBootServer: Answer
  readonly #limit: RateLimit
  readonly #lines: RateLimit
  /** Kinds of events that come so fast that not all are logged. */
  readonly #flooding = new Set<string>()
  /** What was said already and is not said again. */
  readonly #told = new Once(4_096)
  readonly #exhausted = new Set<string | undefined>()
  readonly #lifecycle = new Lifecycle(
    () => this.#open(),
    () => this.#shut(),
  )
  #sockets: OpenSockets | undefined
  #journal: Journal | undefined
  #watch: OfferWatch | undefined
  /** Answers that wait for the disk. */
  readonly #pending = new Set<Promise<void>>()

  constructor(options: DhcpServerOptions) {
    super()
    this.#options = options
    this.#log = options.log ?? silent
    this.#clock = options.clock ?? Date.now
    const { interfaces, router, dns = [], ntp = [], domain, mode } = options
    const pools = mode === 'dhcp' ? poolsOf(options) : []
    const subnets = makeSubnets({ interfaces, pools, router, dns, ntp, domain })
    const keptBack = { inUse: addressesInUse(subnets), reserved: new Set(options.excluded?.map(addressNumber)) }
    this.#books = subnets.map((subnet) => new AddressBook(subnet, keptBack, this.#clock))
    const settings = {
      interfaces,
      books: this.#books,
      bootFile: options.bootFile,
      reservations: options.reservations ?? (() => undefined),
      authoritative: options.authoritative ?? false,
      clock: this.#clock,
    }
    this.#answer = mode === 'proxy' ? createProxyPolicy(settings) : createAddressPolicy(settings)
    this.#answerBootServer = createBootServerPolicy(settings)
    needAllInherited(options)
    this.#limit = new RateLimit({ ...PACKETS_PER_MACHINE, clock: this.#clock })
    this.#lines = new RateLimit({ ...LINES_PER_EVENT, clock: this.#clock })
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
    if (mode === 'dhcp' && leaseFile !== undefined) {
      this.#journal = await Journal.open(leaseFile, {
        take: (lease) => this.#bookOf(lease.address)?.commit(lease),
        snapshot: () => this.#books.flatMap((book) => [...book.leases()]),
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
    if (mode === 'dhcp') await this.#watchOthers(ports.client ?? 68)
    const served = interfaces.map(({ name, address }) => `${name} (${address})`).join(', ')
    const message = mode === 'proxy' ? `Naming boot files on ${served}` : `Giving addresses and boot files on ${served}`
    this.#log({ level: 'info', event: 'dhcp.listening', message, mode, interfaces: interfaces.map(({ name }) => name) })
  }

  async #shut(): Promise<void> {
    const sockets = this.#sockets
    this.#sockets = undefined
    await this.#watch?.close()
    this.#watch = undefined
    if (sockets !== undefined) await Promise.all(allSockets(sockets).map(closeSocket))
    await Promise.allSettled(this.#pending)
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
      socket.on('message', (bytes, from) => this.#receive(bytes, from, answer, served))
      socket.on('error', (error) => this.#complain('dhcp.socket-error', 'A socket failed', error))
    }
    if (sockets.broadcast !== undefined) hear(sockets.broadcast, this.#answer, undefined)
    for (const served of this.#options.interfaces) {
      const dhcp = sockets.dhcp.get(served.address)
      const proxy = sockets.proxy.get(served.address)
      if (dhcp !== undefined) hear(dhcp, this.#answer, served)
      if (proxy !== undefined) hear(proxy, this.#answerBootServer, served)
    }
  }

  #receive(bytes: Uint8Array, from: RemoteInfo, answer: Answer, served: ServedInterface | undefined): void {
    this.counters.received += 1
    const { packet, reason } = from.port === 0 ? { reason: 'port 0 cannot be answered' } : decode(bytes)
    if (packet === undefined) {
      this.counters.malformed += 1
      this.#happened({ name: 'ignored', fact: { reason, from: `${from.address}:${from.port}` } })
      return
    }
    const mac = macOf(packet)
    if (!this.#limit.allow(mac)) {
      this.counters.limited += 1
      const fact = { reason: 'it sends more packets than a machine has reason to', from: from.address, mac }
      this.#happened({ name: 'ignored', fact })
      return
    }
    // An inherited socket hears unicasts and broadcasts alike.
    const unicast = served !== undefined && this.#sockets?.broadcast !== undefined
    const arrival: Arrival = { interface: served, unicast, from }
    for (const outcome of this.#outcomes(answer, packet, arrival)) this.#perform(outcome)
  }

  /** A caller's function that throws must not end the server. */
  #outcomes(answer: Answer, ...visit: Parameters<Answer>): Outcome[] {
    try {
      return answer(...visit)
    } catch (error) {
      this.#complain('dhcp.failed', 'A packet could not be answered', error)
      return []
    }
  }

  #perform({ event, record, reply }: Outcome): void {
    const finish = () => {
      if (reply !== undefined) this.#send(reply)
      if (event !== undefined) this.#happened(event)
    }
    if (record === undefined || this.#journal === undefined) {
      finish()
      return
    }
    const written = this.#writeDown(this.#journal, record)
      .then(finish)
      .finally(() => this.#pending.delete(written))
    this.#pending.add(written)
  }

  /** A lease that cannot be written is given all the same: a full disk should not stop a class. */
  async #writeDown(journal: Journal, record: Lease): Promise<void> {
    try {
      await journal.append(record)
    } catch (error) {
      this.#complain('dhcp.leases-unwritten', 'A lease could not be written to the disk', error)
    }
  }

  #send({ packet, limit, to, from, socket }: Reply): void {
    const sender = this.#sockets?.[socket].get(from.address)
    if (sender === undefined) return
    const { client = 68 } = this.#options.ports ?? {}
    const failed = (error: unknown) => {
      this.counters.sendFailures += 1
      this.#complain('dhcp.send-failed', `No answer can be sent to ${to.address} by ${from.name}`, error)
    }
    try {
      const port = to.port === 'client' ? client : to.port === 'server' ? sender.address().port : to.port
      const { bytes } = encode(packet, { limit })
      sender.send(bytes, port, to.address, (error) => {
        if (error === null) this.counters.sent += 1
        else failed(error)
      })
    } catch (error) {
      // What the system would never take is thrown at once, and would end the process.
      failed(error)
    }
  }

  #happened(event: DhcpEvent): void {
    const { name, fact } = event
    if (name === 'offer') this.#exhausted.delete(fact.interface)
    if (name === 'pool-exhausted') {
      if (this.#exhausted.has(fact.interface)) return
      this.#exhausted.add(fact.interface)
    }
    if (name === 'no-boot-file' && !this.#told.first(`${name} ${fact.mac}`)) return
    if (name === 'other-server' && !this.#told.first(`${name} ${fact.server}`)) return
    const repeated = name === 'ignored' && !this.#told.first(`${fact.reason} ${fact.mac ?? fact.from}`)
    if (!repeated && this.#mayLog(name)) this.#log(logEntry(event, this.#options.mode))
    this.emit(name, fact as never)
  }

  #mayLog(name: string): boolean {
    if (this.#lines.allow(name)) {
      this.#flooding.delete(name)
      return true
    }
    if (!this.#flooding.has(name)) {
      this.#flooding.add(name)
      const message = `There are so many events of the kind "${name}" that not all are logged`
      this.#log({ level: 'warn', event: 'dhcp.flood', message, kind: name })
    }
    return false
  }

  #complain(event: string, message: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (!this.#told.first(`${event} ${reason}`)) return
    this.#log({ level: 'error', event, message: `${message}: ${reason}`, reason })
  }

  async #watchOthers(clientPort: number): Promise<void> {
    const ours = new Set(this.#options.interfaces.map(({ address }) => address))
    this.#watch = await OfferWatch.open(clientPort, (fact) => {
      if (!ours.has(fact.server)) this.#happened({ name: 'other-server', fact })
    })
  }

  #bookOf(address: number): AddressBook | undefined {
    return this.#books.find((book) => book.contains(address))
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

function poolsOf({ pool, interfaces }: DhcpServerOptions): readonly Pool[] {
  if (pool === undefined) return interfaces.map((served) => suggestPool(served))
  return Array.isArray(pool) ? pool : [pool as Pool]
}

function allSockets({ dhcp, proxy, broadcast }: OpenSockets): Socket[] {
  return [...dhcp.values(), ...proxy.values(), ...only(broadcast)]
}

function only<Thing>(thing: Thing | undefined): Thing[] {
  return thing === undefined ? [] : [thing]
}
