/** The download of one simulated machine: a BitTorrent peer that verifies what it gets and gives it to whoever asks. */
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { ClientProgress } from '../../client/contract.ts'
import { type Announce, announce, type PeerAddress } from './announce.ts'
import type { Content } from './content.ts'
import { Neighbour } from './neighbour.ts'
import type { Network } from './network.ts'
import { type Block, Pieces } from './pieces.ts'
import type { Torrent } from './torrent.ts'

export interface DownloadOptions {
  readonly torrent: Torrent
  readonly content: Content
  readonly network: Network
  /** IPv4 addresses of this machine and of the host. */
  readonly address: string
  readonly server: string
}

export interface DownloadEvents {
  /** Every piece is here and was verified. */
  complete: []
}

/** Peers that it calls by itself; more may call it. */
const CALLS = 6
/** As our tracker wants it. */
const ANNOUNCE_EVERY_MS = 15_000
const LOOPBACK = '127.0.0.1'
/** Peers that a report tells of. */
const PEERS_TOLD = 16

export class Download extends EventEmitter<DownloadEvents> implements AsyncDisposable {
  readonly #options: DownloadOptions
  readonly #pieces: Pieces
  readonly #peerId = randomBytes(20).toString('hex')
  readonly #neighbours = new Map<string, Neighbour>()
  /** Also those that have not said who they are. */
  readonly #open = new Set<Neighbour>()
  readonly #server = createServer((socket) => this.#meet(socket, socket.remoteAddress ?? '', true))
  #port = 0
  #announcing: NodeJS.Timeout | undefined
  #isClosed = false
  #fromServer = 0
  #fromPeers = 0
  #uploaded = 0
  #damaged = 0
  #toldAt = performance.now()

  constructor(options: DownloadOptions) {
    super()
    this.#options = options
    const { bytes, pieceLength } = options.torrent
    this.#pieces = new Pieces({ bytes, pieceLength, random: Math.random })
  }

  /** @throws Error when the tracker does not answer */
  async start(): Promise<void> {
    this.#server.listen(0, this.#options.address)
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    this.#call(await this.#announce('started'))
    this.#announcing = setInterval(() => {
      this.#announce()
        .then((peers) => this.#call(peers))
        .catch(() => {})
    }, ANNOUNCE_EVERY_MS)
  }

  /** Pieces that were not what they should be. */
  get damaged(): number {
    return this.#damaged
  }

  /** The numbers since the last time. */
  progress(): ClientProgress {
    const now = performance.now()
    const seconds = Math.max(0.001, (now - this.#toldAt) / 1000)
    this.#toldAt = now
    const rate = (bytes: number) => Math.round(bytes / seconds)
    const all = [...this.#neighbours.values()].map((neighbour) => {
      const { peer: address, down, up, wire } = neighbour
      neighbour.down = 0
      neighbour.up = 0
      const held = [...this.#pieces.among((piece) => wire.peerPieces.get(piece))].length
      const progress = Math.floor((held / this.#options.torrent.hashes.length) * 100)
      return { address, down: rate(down), up: rate(up), progress }
    })
    const busiest = all.sort((one, other) => other.down + other.up - one.down - one.up)
    return {
      done: this.#pieces.done,
      total: this.#options.torrent.bytes,
      down: all.reduce((sum, { down }) => sum + down, 0),
      up: all.reduce((sum, { up }) => sum + up, 0),
      fromServer: this.#fromServer,
      fromPeers: this.#fromPeers,
      pieces: this.#pieces.summary(),
      peers: busiest.slice(0, PEERS_TOLD),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#announcing)
    for (const neighbour of this.#open) neighbour.close()
    this.#server.close()
    await this.#announce('stopped').catch(() => {})
  }

  async #announce(event?: Announce['event']): Promise<PeerAddress[]> {
    const { torrent, address, server } = this.#options
    const { tracker, infoHash, bytes } = torrent
    const left = bytes - this.#pieces.done
    const counts = { uploaded: this.#uploaded, downloaded: this.#fromServer + this.#fromPeers, left }
    const what = { tracker, infoHash, peerId: this.#peerId, address, port: this.#port, ...counts }
    const peers = await announce({ ...what, event })
    // The host's seeder does not choose the address that it announces from, which on this interface is always this one.
    return peers.map((peer) => (peer.address === LOOPBACK ? { ...peer, address: server } : peer))
  }

  #call(peers: readonly PeerAddress[]): void {
    const { address, server } = this.#options
    if (this.#isClosed || this.#pieces.isComplete) return
    const strangers = peers.filter((peer) => peer.address !== address && !this.#neighbours.has(peer.address))
    const host = strangers.filter((peer) => peer.address === server)
    const machines = strangers.filter((peer) => peer.address !== server)
    const calls = Math.max(0, CALLS - this.#neighbours.size)
    for (const peer of [...host, ...machines.slice(0, calls)]) {
      const socket = connect({ host: peer.address, port: peer.port, localAddress: address })
      this.#meet(socket, peer.address, false)
    }
  }

  #meet(socket: Socket, peer: string, isIncoming: boolean): void {
    const { torrent, address, network } = this.#options
    const neighbour = new Neighbour({ socket, address, peer, isIncoming, network })
    const { wire } = neighbour
    this.#open.add(neighbour)
    socket.once('close', () => this.#leave(neighbour))
    wire.on('handshake', (infoHash) => {
      if (infoHash !== torrent.infoHash || !this.#keep(neighbour)) return neighbour.close()
      if (this.#pieces.done > 0) wire.bitfield(this.#pieces.bitfield())
      wire.interested()
    })
    wire.on('interested', () => wire.unchoke())
    wire.on('unchoke', () => this.#ask(neighbour))
    wire.on('bitfield', () => {
      for (const piece of this.#heldBy(neighbour)) this.#pieces.count(piece, 1)
      this.#ask(neighbour)
    })
    wire.on('have', (piece) => {
      this.#pieces.count(piece, 1)
      this.#ask(neighbour)
    })
    wire.on('request', (piece, offset, length, answer) => {
      const block = this.#pieces.has(piece) ? this.#options.content.read(piece, offset, length) : undefined
      if (block === undefined) return answer(new Error('not here'))
      neighbour.up += block.length
      this.#uploaded += block.length
      answer(null, block)
    })
    wire.handshake(torrent.infoHash, this.#peerId)
  }

  /** Whether this is the connection to its peer, when there are two. */
  #keep(neighbour: Neighbour): boolean {
    const other = this.#neighbours.get(neighbour.peer)
    if (other !== undefined && other.caller < neighbour.caller) return false
    other?.close()
    this.#neighbours.set(neighbour.peer, neighbour)
    return true
  }

  #leave(neighbour: Neighbour): void {
    this.#open.delete(neighbour)
    if (this.#neighbours.get(neighbour.peer) !== neighbour) return
    this.#neighbours.delete(neighbour.peer)
    for (const piece of this.#heldBy(neighbour)) this.#pieces.count(piece, -1)
    for (const other of this.#neighbours.values()) this.#ask(other)
  }

  #heldBy({ wire }: Neighbour): Iterable<number> {
    return this.#pieces.among((piece) => wire.peerPieces.get(piece))
  }

  #ask(neighbour: Neighbour): void {
    const { wire } = neighbour
    while (!this.#isClosed && !wire.peerChoking && wire.requests.length < neighbour.window) {
      const block = this.#pieces.next((piece) => wire.peerPieces.get(piece))
      if (block === undefined) return
      const askedAt = performance.now()
      wire.request(block.piece, block.offset, block.length, (error, bytes) => {
        if (error !== null) return this.#pieces.giveBack(block)
        neighbour.cameAfter(performance.now() - askedAt)
        this.#take(neighbour, block, bytes)
      })
    }
  }

  #take(neighbour: Neighbour, block: Block, bytes: Uint8Array): void {
    neighbour.down += bytes.length
    if (neighbour.peer === this.#options.server) this.#fromServer += bytes.length
    else this.#fromPeers += bytes.length
    const whole = this.#pieces.put(block, bytes)
    if (whole !== undefined) this.#settle(block.piece, whole)
    this.#ask(neighbour)
  }

  #settle(piece: number, bytes: Buffer): void {
    const isRight = this.#options.content.verify(piece, bytes)
    this.#pieces.settle(piece, isRight)
    if (!isRight) {
      this.#damaged += 1
      return
    }
    for (const neighbour of this.#neighbours.values()) {
      const { wire, peer } = neighbour
      // The host pretends to have nothing, and counts on being told.
      if (peer === this.#options.server || !wire.peerPieces.get(piece)) wire.have(piece)
      // Another piece may be begun now.
      if (wire.requests.length === 0) this.#ask(neighbour)
    }
    if (!this.#pieces.isComplete) return
    this.#announce('completed').catch(() => {})
    this.emit('complete')
  }
}
