import { hash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import WebTorrent, { type Respond, type Torrent, type Wire } from 'webtorrent'
import { Announcer } from './announcer.ts'
import { PeerConnections } from './connections.ts'
import { sendDirectly } from './direct-sender.ts'
import { LocalDiscovery } from './local-discovery.ts'
import { guardMessages } from './message-guard.ts'
import type { OffenceCounts, PeerTraffic, SeededTorrent, SeederReport, SeederTask, SeedingTotals } from './messages.ts'
import type { Offence } from './offences.ts'
import { PieceCache } from './piece-cache.ts'
import { PieceHasher } from './piece-hasher.ts'
import { PieceStore } from './piece-store.ts'
import { SuperSeeding } from './super-seeding.ts'
import { type ReadTask, UploadGate } from './upload-gate.ts'

const CACHE_BYTES = 32 * 1024 * 1024
/** Connections that webtorrent opens itself, after a crash. */
const OUTGOING_LIMIT = 200
/** Super-seeding limits what goes out; a choked peer would only keep from others what it was told of. */
const UPLOAD_SLOTS = 40
/** What we announce to take (`reqq`, BEP 10), and where patience with those who do not care ends. */
const REQUESTS_ANNOUNCED = 500
const REQUESTS_LIMIT = 2_000

interface SeedingEvents {
  report: [SeederReport]
  /** webtorrent as a whole gave up, for example because the port is taken. */
  error: [unknown]
}

/** webtorrent with everything switched off that a LAN does not need, and the files of the environment as its store. */
export class Seeding extends EventEmitter<SeedingEvents> {
  readonly #client: WebTorrent
  readonly #cache = new PieceCache(CACHE_BYTES)
  readonly #hasher = new PieceHasher()
  readonly #connections: PeerConnections
  readonly #gates = new WeakMap<Wire, UploadGate>()
  /** Bytes of pieces that were sent of each torrent. webtorrent counts what goes through its streams, which is little. */
  readonly #uploaded = new WeakMap<Torrent, number>()
  /** What to do for each open connection when it ends. */
  readonly #open = new Set<() => void>()
  readonly #offences: { [kind in Offence]?: number } = {}
  /** The connection whose request is being handled right now. */
  #requesting: Wire | undefined

  readonly #task: SeederTask
  /** What is served, by its torrent file and folder. */
  readonly #served = new Map<string, Torrent>()
  /** The trackers of each that it does not name itself. */
  readonly #trackers = new Map<Torrent, readonly string[]>()
  #discovery: LocalDiscovery | undefined
  #announcer: Announcer | undefined

  constructor(task: SeederTask) {
    super()
    this.#task = task
    this.#client = new WebTorrent({
      dht: false,
      // Its own one dies of a malformed packet and listens on every interface: see LocalDiscovery.
      lsd: false,
      utp: false,
      natUpnp: false,
      natPmp: false,
      webSeeds: false,
      maxConns: OUTGOING_LIMIT,
      torrentPort: { host: task.address, port: task.port },
      // Clients come to us by themselves. But those that a crash cut off do not, for a long time.
      seedOutgoingConnections: task.isRestart,
    })
    this.#connections = new PeerConnections(task.limits)
    this.#client._connPool.tcpServer.on('connection', (socket: Socket) => this.#connections.accept(socket))
    // Each torrent listens to the client for itself.
    this.#client.setMaxListeners(0)
    this.#client.on('error', (error) => this.emit('error', error))
    this.serve(task.torrents)
  }

  /** Serves these torrents from now on and no others; those that stay are left alone with their peers. */
  serve(torrents: readonly SeededTorrent[]): void {
    const wanted = new Map(torrents.map((torrent) => [keyOf(torrent), torrent]))
    for (const [key, torrent] of this.#served) {
      if (wanted.has(key)) continue
      this.#served.delete(key)
      this.#trackers.delete(torrent)
      torrent.destroy()
    }
    for (const [key, torrent] of wanted) {
      const served = this.#served.get(key) ?? this.#add(torrent)
      this.#served.set(key, served)
      this.#trackers.set(served, torrent.trackers ?? [])
    }
    this.#announce()
  }

  /** Resolves with the port when it accepts connections for all torrents. */
  async ready(): Promise<number> {
    const torrents = this.#client.torrents.map((torrent) => new Promise((resolve) => torrent.once('ready', resolve)))
    const listening = new Promise<void>((resolve) => this.#client.once('listening', resolve))
    await listening
    await Promise.all(torrents)
    const port = this.#client.address()?.port ?? 0
    if (this.#task.lsd) this.#discovery = this.#discover(port)
    this.#announcer = new Announcer({
      peerId: this.#client.peerId,
      address: this.#task.address,
      port,
      onProblem: (message) => this.#report({ report: 'tracker', level: 'warn', message }),
      onRecovery: (message) => this.#report({ report: 'tracker', level: 'info', message }),
    })
    this.#announce()
    return port
  }

  totals(): SeedingTotals[] {
    return this.#client.torrents.map((torrent) => {
      const { infoHash, name, numPeers } = torrent
      return { infoHash, name, peers: numPeers, uploaded: this.#uploaded.get(torrent) ?? 0 }
    })
  }

  async close(): Promise<void> {
    if (this.#client.destroyed) return
    this.#discovery?.close()
    for (const disconnected of [...this.#open]) disconnected()
    const destroyed = new Promise<void>((resolve) => this.#client.destroy(() => resolve()))
    await Promise.all([destroyed, this.#announcer?.close()])
    this.#hasher.close()
  }

  /** What each peer has got on the connection that it has now. */
  traffic(): PeerTraffic[] {
    return this.#client.torrents.flatMap(({ infoHash, wires }) =>
      wires.map(({ remoteAddress, remotePort, uploaded }) => {
        return { infoHash, peer: `${remoteAddress}:${remotePort}`, uploaded }
      }),
    )
  }

  offences(): OffenceCounts {
    return { ...this.#offences }
  }

  #add({ torrent: bytes, directory }: SeededTorrent): Torrent {
    const torrent = this.#client.add(bytes, {
      path: directory,
      uploads: UPLOAD_SLOTS,
      // The store compares each piece with its hash before it goes out for the first time.
      skipVerify: true,
      store: PieceStore,
      storeCacheSlots: 0,
      storeOpts: {
        cache: this.#cache,
        hasher: this.#hasher,
        admit: (size: number, task: ReadTask, respond: Respond) => this.#admit(size, task, respond),
        onDamage: (reason: string) => this.#withdraw(torrent, reason),
      },
    })
    torrent.once('ready', () => {
      this.#discovery?.announce()
      this.#announce()
      const superSeeding = new SuperSeeding(torrent.pieces.length, torrent.pieceLength)
      torrent.on('wire', (wire: Wire) => {
        if (this.#onWire(torrent, wire)) superSeeding.add(wire)
      })
      torrent.once('close', () => superSeeding.close())
    })
    torrent.on('warning', (warning: unknown) => {
      this.#report({
        report: 'warning',
        kind: 'tracker',
        message: warning instanceof Error ? warning.message : `${warning}`,
      })
    })
    torrent.on('error', (error: Error) => this.#withdraw(torrent, error.message))
    return torrent
  }

  /** Tells the trackers that no torrent names what is served now. What is not ready yet follows when it is. */
  #announce(): void {
    const swarms = [...this.#trackers].flatMap(([{ infoHash, ready }, trackers]) =>
      ready ? trackers.map((tracker) => ({ infoHash, tracker })) : [],
    )
    this.#announcer?.announce(swarms)
  }

  #discover(port: number): LocalDiscovery {
    const infoHashes = () => this.#client.torrents.map((torrent) => torrent.infoHash)
    const onProblem = ({ message }: Error) => this.#report({ report: 'warning', kind: 'discovery', message })
    return new LocalDiscovery({ address: this.#task.address, port, infoHashes, onProblem })
  }

  /** @returns whether the connection is to stay. */
  #onWire(torrent: Torrent, wire: Wire): boolean {
    const { infoHash } = torrent
    if (wire.peerId === this.#client.peerId) {
      wire.destroy()
      return false
    }
    // A peer whose link was down comes back before its old connection is known to be dead.
    const before = torrent.wires.filter((other) => other !== wire && other.peerId === wire.peerId)
    for (const other of before) if (other.remoteAddress === wire.remoteAddress) other.destroy()
    const peer = `${wire.remoteAddress}:${wire.remotePort}`
    const socket = torrent._peers.get(peer)?.conn
    if (socket) {
      this.#connections.shakeHands(socket)
      // It makes a text of each message, whether anybody debugs or not.
      wire._debug = () => {}
      sendDirectly(wire, socket)
      this.#gates.set(wire, new UploadGate(socket))
    }
    wire.on('upload', (bytes: number) => {
      this.#uploaded.set(torrent, (this.#uploaded.get(torrent) ?? 0) + bytes)
      if (socket) this.#connections.use(socket)
    })
    wire.extendedHandshake.reqq = REQUESTS_ANNOUNCED
    const told = new Set<Offence>()
    const tell = (kind: Offence) => {
      this.#offences[kind] = (this.#offences[kind] ?? 0) + 1
      if (told.has(kind)) return
      told.add(kind)
      this.#report({ report: 'offence', infoHash, peer, kind })
    }
    guardMessages(wire, torrent, tell)
    // webtorrent asks the store while it handles this very event, after us.
    wire.on('request', () => {
      this.#requesting = wire
      if (wire.peerRequests.length <= REQUESTS_LIMIT) return
      tell('flood')
      wire.destroy()
    })
    // webtorrent listens for this from now on, and would leave a peer that was quicker waiting for 10 s.
    if (wire.peerInterested) setImmediate(() => wire.unchoke())
    const disconnected = () => {
      if (this.#open.delete(disconnected))
        this.#report({ report: 'disconnect', infoHash, peer, uploaded: wire.uploaded })
    }
    this.#open.add(disconnected)
    // A connection that still has bytes to send when it is cut never comes to its `close`.
    wire.once('finish', disconnected)
    wire.once('close', disconnected)
    this.#report({ report: 'connect', infoHash, peer, uploaded: 0 })
    return true
  }

  #admit(size: number, task: ReadTask, respond: Respond): void {
    const gate = this.#requesting && this.#gates.get(this.#requesting)
    // Without a gate nobody says when bytes have been sent: a copy is.
    if (gate !== undefined) gate.admit(size, task, respond)
    else
      task((error, bytes, release) => {
        respond(error, bytes?.slice())
        release?.()
      })
  }

  #withdraw(torrent: Torrent, reason: string): void {
    const { infoHash, name } = torrent
    // So that it is taken up again when its files are what they were.
    for (const [key, served] of this.#served) if (served === torrent) this.#served.delete(key)
    this.#trackers.delete(torrent)
    this.#announce()
    this.#report({ report: 'withdrawn', infoHash, name, reason })
    setImmediate(() => torrent.destroy())
  }

  #report(report: SeederReport): void {
    this.emit('report', report)
  }
}

function keyOf({ torrent, directory }: SeededTorrent): string {
  return `${hash('sha1', torrent)} ${directory}`
}
