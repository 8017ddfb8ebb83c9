/** What an announce says of its peer. */
export interface AnnouncedPeer {
  /** IPv4 address and port on which it accepts connections. */
  readonly ip: string
  readonly port: number
  /** 40 hexadecimal digits. */
  readonly peerId: string
  readonly isComplete: boolean
  /** BEP 23: address and port in six bytes. */
  readonly compact: Uint8Array
}

/** What happened to a peer. One that was silent for too long is `lost`. */
export type PeerNews = 'join' | 'complete' | 'leave' | 'lost'

export interface PeerSwarmOptions {
  /** Milliseconds of silence after which a peer counts as gone. */
  readonly patience: number
  /** Peers that are remembered. When there are more, those go that have been silent for longest. */
  readonly limit: number
  readonly onNews: (news: PeerNews, peer: AnnouncedPeer) => void
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number
}

interface Member {
  peer: AnnouncedPeer
  heardAt: number
  /** Its place among all. */
  index: number
}

/**
 * The peers of one torrent. Times are milliseconds of any clock that only goes forward.
 *
 * Everything that an announce does takes the same time however many peers there are, except for handing them out.
 */
export class PeerSwarm {
  readonly #options: PeerSwarmOptions
  /** By address and port, the most silent one first. */
  readonly #members = new Map<string, Member>()
  /** The same in no order, to draw from. */
  readonly #drawn: Member[] = []
  readonly #perAddress = new Map<string, number>()
  #complete = 0

  constructor(options: PeerSwarmOptions) {
    this.#options = options
  }

  get complete(): number {
    return this.#complete
  }

  get incomplete(): number {
    return this.#members.size - this.#complete
  }

  has(ip: string, port: number): boolean {
    return this.#members.has(`${ip}:${port}`)
  }

  /** How many peers have this address. */
  countAt(ip: string): number {
    return this.#perAddress.get(ip) ?? 0
  }

  /** A peer said that it is there. */
  hear(peer: AnnouncedPeer, now: number): void {
    this.forgetSilent(now)
    const key = keyOf(peer)
    const known = this.#members.get(key)
    if (known === undefined) {
      this.#add(key, { peer, heardAt: now, index: this.#drawn.length })
      return
    }
    // The map keeps the order in which its entries were made.
    this.#members.delete(key)
    this.#members.set(key, known)
    known.heardAt = now
    // Who has had everything is not believed to have lost it: aria2 says so while it checks its files.
    const isNews = peer.isComplete && !known.peer.isComplete
    known.peer = { ...peer, isComplete: peer.isComplete || known.peer.isComplete }
    if (!isNews) return
    this.#complete += 1
    this.#options.onNews('complete', known.peer)
  }

  /** A peer said that it goes. */
  dismiss(peer: AnnouncedPeer): void {
    const known = this.#members.get(keyOf(peer))
    if (known !== undefined) this.#remove(known, 'leave')
  }

  /** Forgets those that were silent for too long. */
  forgetSilent(now: number): void {
    for (const member of this.#members.values()) {
      if (now - member.heardAt < this.#options.patience) return
      this.#remove(member, 'lost')
    }
  }

  /**
   * Up to `count` peers for one of them, drawn at random: so every machine gets neighbours of its own, and the room hangs
   * together. Who has everything gets only those that lack something.
   */
  neighbours(asking: AnnouncedPeer, count: number): AnnouncedPeer[] {
    const found: AnnouncedPeer[] = []
    const own = this.#members.get(keyOf(asking))
    // A shuffle that stops when there are enough (Fisher and Yates).
    for (let at = 0; at < this.#drawn.length && found.length < count; at += 1) {
      this.#swap(at, at + Math.floor(this.#options.random() * (this.#drawn.length - at)))
      const member = this.#drawn[at] as Member
      const isUseless = asking.isComplete && member.peer.isComplete
      if (!isUseless && member !== own) found.push(member.peer)
    }
    return found
  }

  #add(key: string, member: Member): void {
    const { peer } = member
    if (this.#members.size >= this.#options.limit) {
      const [mostSilent] = this.#members.values()
      if (mostSilent !== undefined) this.#remove(mostSilent, 'lost')
      member.index = this.#drawn.length
    }
    this.#members.set(key, member)
    this.#drawn.push(member)
    this.#perAddress.set(peer.ip, this.countAt(peer.ip) + 1)
    if (peer.isComplete) this.#complete += 1
    this.#options.onNews('join', peer)
  }

  #remove(member: Member, news: 'leave' | 'lost'): void {
    const { peer } = member
    this.#members.delete(keyOf(peer))
    this.#swap(member.index, this.#drawn.length - 1)
    this.#drawn.pop()
    const others = this.countAt(peer.ip) - 1
    if (others === 0) this.#perAddress.delete(peer.ip)
    else this.#perAddress.set(peer.ip, others)
    if (peer.isComplete) this.#complete -= 1
    this.#options.onNews(news, peer)
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#drawn[one], this.#drawn[other]]
    if (first === undefined || second === undefined) return
    this.#drawn[one] = second
    this.#drawn[other] = first
    second.index = one
    first.index = other
  }
}

/** BEP 23. */
export function compactOf(ip: string, port: number): Uint8Array {
  return Uint8Array.of(...ip.split('.').map(Number), port >>> 8, port & 0xff)
}

function keyOf({ ip, port }: { readonly ip: string; readonly port: number }): string {
  return `${ip}:${port}`
}
