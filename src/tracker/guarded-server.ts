import type { RemoteInfo } from 'node:dgram'
import Server, { type Announce, type Swarm } from 'bittorrent-tracker/server'
import type { KnownPeer } from './messages.ts'
import { refusalOf } from './policy.ts'

/** A classroom changes quickly, and thirty machines are no load: clients may ask often. */
const ANNOUNCE_EVERY_MS = 15_000
/** aria2 1.36 stays silent for longer than it is told, so a client is not gone because it says nothing for a minute. */
const FORGOTTEN_AFTER_MS = 5 * 60_000
const PEERS_PER_SWARM = 1_000
const HTTP_CONNECTIONS = 1_024

/** BEP 15: where the announce has the address that it wants to be known by. */
const UDP_ADDRESS_OFFSET = 84
const UDP_ANNOUNCE_BYTES = 98

/** What was known of a peer when its announce came. */
interface Before {
  readonly isRefused: boolean
  readonly isKnown: boolean
  readonly isComplete: boolean
}

/** bittorrent-tracker's server for our own torrents only, with its doors for strangers closed. */
export class GuardedServer extends Server {
  readonly #before: WeakMap<Announce, Before>

  constructor(infoHashes: readonly string[]) {
    const tracked = new Set(infoHashes)
    const before = new WeakMap<Announce, Before>()
    super({
      interval: ANNOUNCE_EVERY_MS,
      peersCacheTtl: FORGOTTEN_AFTER_MS,
      peersCacheLength: PEERS_PER_SWARM,
      http: { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 5_000 },
      // Otherwise a second tracker on the same port would not be noticed.
      udp: { reuseAddr: false },
      ws: false,
      stats: false,
      filter: (infoHash, announce, decide) => {
        const peers = this.torrents[infoHash]?.peers
        const peer = peers?.peek(announce.addr)
        const known = peers?.keys ?? []
        const refusal = refusalOf(
          { infoHash, ip: announce.ip, port: announce.port },
          (hash) => tracked.has(hash),
          known,
        )
        // Any other number would answer with objects that only its WebSocket side understands.
        if (announce.compact !== 1) announce.compact = 0
        before.set(announce, { isRefused: refusal !== undefined, isKnown: !!peer, isComplete: peer?.complete ?? false })
        decide(refusal === undefined ? null : new Error(refusal))
      },
    })
    this.#before = before
    this.http.maxConnections = HTTP_CONNECTIONS
    this.http.keepAliveTimeout = 5_000
    // Nobody on this LAN boots by IPv6, and it could not be bound to our one address.
    this.udp6?.close()
    this.udp6 = null
  }

  /** An announce may ask to be known by another address: nobody needs that on a LAN but one who wants to mislead. */
  override onUdpRequest(message: Buffer, sender: RemoteInfo): void {
    if (message.length >= UDP_ANNOUNCE_BYTES) message.writeUInt32BE(0, UDP_ADDRESS_OFFSET)
    super.onUdpRequest(message, sender)
  }

  /** Tells clients that they may ask as often as they are asked to. */
  override createSwarm(infoHash: string, done: (error: Error | null, swarm: Swarm) => void): void {
    super.createSwarm(infoHash, (error, swarm) => {
      const announce = swarm.announce.bind(swarm)
      swarm.announce = (params, answer) => {
        announce(params, (failure, response) => {
          answer(failure, response && { ...response, 'min interval': ANNOUNCE_EVERY_MS / 1000 })
        })
      }
      done(error, swarm)
    })
  }

  /** Takes peers over that an earlier server knew. */
  adopt(peers: readonly KnownPeer[]): void {
    for (const infoHash of new Set(peers.map((peer) => peer.infoHash))) {
      this.createSwarm(infoHash, (_error, swarm) => {
        for (const peer of peers) if (peer.infoHash === infoHash) swarm.announce(asAnnounce(peer), () => {})
      })
    }
  }

  counts(): { infoHash: string; complete: number; incomplete: number }[] {
    return Object.entries(this.torrents).map(([infoHash, { complete, incomplete }]) => {
      return { infoHash, complete, incomplete }
    })
  }

  /** Calls the listener for what is news: bittorrent-tracker emits its events for repeated and refused announces too. */
  onPeer(event: 'start' | 'complete' | 'stop', listener: (announce: Announce) => void): void {
    this.on(event, (_address: string, announce: Announce) => {
      const before = this.#before.get(announce)
      if (before === undefined || before.isRefused) return
      const isNews = { start: !before.isKnown, complete: !before.isComplete, stop: before.isKnown }[event]
      if (isNews) listener(announce)
    })
  }
}

function asAnnounce({ infoHash, peer, peerId, isComplete }: KnownPeer): Announce & { event: string; numwant: number } {
  const colon = peer.lastIndexOf(':')
  return {
    type: 'http',
    event: 'started',
    info_hash: infoHash,
    peer_id: peerId,
    addr: peer,
    ip: peer.slice(0, colon),
    port: Number(peer.slice(colon + 1)),
    left: isComplete ? 0 : 1,
    compact: 1,
    numwant: 0,
  }
}
