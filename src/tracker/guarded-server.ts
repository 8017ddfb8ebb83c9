import type { RemoteInfo } from 'node:dgram'
import Server, { type Announce, type Swarm } from 'bittorrent-tracker/server'
import type { KnownPeer, SwarmCounts, Warning } from './messages.ts'
import { type AnnouncedPeer, compactOf, type PeerNews, PeerSwarm } from './peer-swarm.ts'
import { refusalOf } from './policy.ts'

/** A classroom changes quickly, and thirty machines are no load: clients may ask often. */
const ANNOUNCE_EVERY_MS = 15_000
/** Three announces that did not come, and some time. (An aria2 without any neighbour is silent for longer: see decisions.) */
const FORGOTTEN_AFTER_MS = 50_000
const PEERS_PER_SWARM = 10_000
const HTTP_CONNECTIONS = 1_024
/** Torrents that are not served any more, whose machines are told so. */
const RETIRED_LIMIT = 1_000

/** BEP 15: where the announce has the address that it wants to be known by. */
const UDP_ADDRESS_OFFSET = 84
const UDP_ANNOUNCE_BYTES = 98
/** BEP 15: a scrape asks for about 74 torrents at most. More would make an answer of many packets. */
const UDP_LONGEST_BYTES = 16 + 20 * 74

/** Our own value of `compact`. */
const ENCODED = 6

export type OnNews = (news: PeerNews, peer: KnownPeer) => void

/** bittorrent-tracker's server for our own torrents only, with its doors for strangers closed and swarms of our own. */
export class GuardedServer extends Server {
  readonly #swarms = new Map<string, PeerSwarm>()
  readonly #retired = new Set<string>()
  /** By info-hash. */
  readonly #warnings = new Map<string, string>()
  readonly #onNews: OnNews

  constructor(infoHashes: readonly string[], onNews: OnNews) {
    super({
      interval: ANNOUNCE_EVERY_MS,
      http: { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 5_000 },
      // Otherwise a second tracker on the same port would not be noticed.
      udp: { reuseAddr: false },
      ws: false,
      stats: false,
      filter: (infoHash, announce, decide) => {
        const refusal = this.#refusalOf(infoHash, announce)
        // What is neither 1 nor 0 makes the library take the peers as the swarm gives them, and ours are encoded already.
        announce.compact = announce.compact === 1 ? ENCODED : 0
        decide(refusal === undefined ? null : new Error(refusal))
      },
    })
    this.#onNews = onNews
    this.track(infoHashes)
    this.http.maxConnections = HTTP_CONNECTIONS
    this.http.keepAliveTimeout = 5_000
    // Nobody on this LAN boots by IPv6, and it could not be bound to our one address.
    this.udp6?.close()
    this.udp6 = null
  }

  /** Tracks these torrents from now on, and no others. Those that stay keep their peers. */
  track(infoHashes: readonly string[]): void {
    const wanted = new Set(infoHashes)
    this.#warnings.clear()
    for (const infoHash of this.#swarms.keys()) {
      if (wanted.has(infoHash)) continue
      this.#swarms.delete(infoHash)
      delete this.torrents[infoHash]
      this.#retire(infoHash)
    }
    for (const infoHash of wanted) {
      this.#retired.delete(infoHash)
      if (this.#swarms.has(infoHash)) continue
      const swarm = new PeerSwarm({
        patience: FORGOTTEN_AFTER_MS,
        limit: PEERS_PER_SWARM,
        random: Math.random,
        onNews: (news, { ip, port, peerId, isComplete }) => {
          this.#onNews(news, { infoHash, peer: `${ip}:${port}`, peerId, isComplete })
        },
      })
      this.#swarms.set(infoHash, swarm)
      this.torrents[infoHash] = asLibrarySwarm(swarm, () => this.#warnings.get(infoHash))
    }
  }

  /** Peers of this torrent are told so with each answer, until the next `track`. */
  warn({ infoHash, message }: Warning): void {
    this.#warnings.set(infoHash, message)
  }

  /** An announce may ask to be known by another address: nobody needs that on a LAN but one who wants to mislead. */
  override onUdpRequest(message: Buffer, sender: RemoteInfo): void {
    if (message.length > UDP_LONGEST_BYTES) return
    if (message.length >= UDP_ANNOUNCE_BYTES) message.writeUInt32BE(0, UDP_ADDRESS_OFFSET)
    super.onUdpRequest(message, sender)
  }

  /** Takes peers over that an earlier server knew. */
  adopt(peers: readonly KnownPeer[]): void {
    for (const { infoHash, peer, peerId, isComplete } of peers) {
      const colon = peer.lastIndexOf(':')
      const [ip, port] = [peer.slice(0, colon), Number(peer.slice(colon + 1))]
      this.#swarms
        .get(infoHash)
        ?.hear({ ip, port, peerId, isComplete, compact: compactOf(ip, port) }, performance.now())
    }
  }

  /** Forgets peers that were silent for too long, and counts the others. */
  counts(): SwarmCounts[] {
    return [...this.#swarms].map(([infoHash, swarm]) => {
      swarm.forgetSilent(performance.now())
      return { infoHash, complete: swarm.complete, incomplete: swarm.incomplete }
    })
  }

  #refusalOf(infoHash: string, { ip, port }: Announce): string | undefined {
    const swarm = this.#swarms.get(infoHash)
    return refusalOf({
      port,
      torrent: swarm !== undefined ? 'tracked' : this.#retired.has(infoHash) ? 'retired' : 'unknown',
      isKnown: swarm?.has(ip, port) ?? false,
      fromAddress: swarm?.countAt(ip) ?? 0,
    })
  }

  #retire(infoHash: string): void {
    this.#retired.add(infoHash)
    const [oldest] = this.#retired
    if (this.#retired.size > RETIRED_LIMIT && oldest !== undefined) this.#retired.delete(oldest)
  }
}

/** A swarm as bittorrent-tracker wants to use it. */
function asLibrarySwarm(swarm: PeerSwarm, warning: () => string | undefined): Swarm {
  const counts = () => ({ complete: swarm.complete, incomplete: swarm.incomplete })
  return {
    announce(announce, done) {
      const { event, numwant } = announce
      if (!isEvent(event)) {
        done(new Error('there is no such event'))
        return
      }
      const peer = peerOf(announce)
      if (event === 'stopped') swarm.dismiss(peer)
      else swarm.hear(peer, performance.now())
      const peers = event === 'stopped' ? [] : swarm.neighbours(peer, numwant)
      const answer = announce.compact === ENCODED ? Buffer.concat(peers.map(({ compact }) => compact)) : peers
      const message = warning()
      done(null, {
        ...counts(),
        peers: answer,
        // Tells clients that they may ask as often as they are asked to.
        'min interval': ANNOUNCE_EVERY_MS / 1000,
        ...(message === undefined ? {} : { 'warning message': message }),
      })
    },
    scrape(_request, done) {
      swarm.forgetSilent(performance.now())
      done(null, counts())
    },
  }
}

/** BEP 3 and 21; `update` is the library's word for none. */
function isEvent(event: unknown): event is 'started' | 'stopped' | 'completed' | 'update' | 'paused' {
  return typeof event === 'string' && ['started', 'stopped', 'completed', 'update', 'paused'].includes(event)
}

function peerOf({ ip, port, peer_id: peerId, left, event }: Announce): AnnouncedPeer {
  return { ip, port, peerId, isComplete: left === 0 || event === 'completed', compact: compactOf(ip, port) }
}
