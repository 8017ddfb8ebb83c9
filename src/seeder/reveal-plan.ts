/** Pieces are told to a peer again to no avail when it made nothing of them for so long. */
const STALLED_AFTER_MS = 4_000
/** Who lacks a piece and is told of it is interested at once. A busy machine takes a moment to say so. */
const IDLE_AFTER_MS = 1_000
/** A peer that got nothing from others for so long is told of pieces that others have already. */
const HELP_AFTER_MS = 1_000
/** In a large swarm a piece takes more steps to everybody: so long for each peer, when that is longer. */
const HELP_AFTER_FOR_EACH_MS = 60
/** A peer that is complete leaves the seeder, but stays with the others for about so long. */
const LINGERS_MS = 20_000

interface Expectation {
  readonly since: number
  /** Whether others are kept waiting for it. */
  readonly isCounted: boolean
}

interface PeerView {
  /** 1 for each piece that the peer has. */
  readonly has: Uint8Array
  /** 1 for each piece that the peer was told of. */
  readonly told: Uint8Array
  /** Told, and not had yet. */
  readonly expected: Map<number, Expectation>
  /** Until it makes nothing of what it was told: then it is told as before, but nobody waits for it. */
  isReliedOn: boolean
  /** Whether it ever made something of what it was told. */
  isProven: boolean
  missing: number
  readonly joinedAt: number
  /** When it got something last, from anybody or from others. */
  progressAt: number
  othersAt: number
}

/**
 * Which pieces a seeder tells to which peer so that each one leaves it once, in the spirit of super-seeding (BEP 16).
 *
 * The seeder pretends to have nothing, and tells each peer of a few pieces that nobody else has or was told of. When the
 * peer has one of them it is told of the next: others get the piece from that peer. No peer is left behind: who gets
 * nothing from others is told of pieces that they have too, until they do give it something. And nobody is kept waiting by
 * peers that are dead or idle: each of them is waited for once.
 *
 * It knows no sockets and no clock: times are milliseconds that the caller gives.
 */
export class RevealPlan<Peer> {
  readonly #pieces: number
  readonly #random: () => number
  readonly #peers = new Map<Peer, PeerView>()
  /** How many peers expect each piece, and how many have it. */
  readonly #expected: Uint16Array
  readonly #held: Uint16Array
  /** When each piece was told to anybody last. */
  readonly #toldAt: Float64Array
  /** Pieces that nobody expects and nobody has. */
  #fresh: number
  /** Until then, somebody who left has everything and gives it to others. */
  #completeUntil = Number.NEGATIVE_INFINITY

  /** @param random as Math.random */
  constructor(pieces: number, random: () => number) {
    this.#pieces = pieces
    this.#random = random
    this.#expected = new Uint16Array(pieces)
    this.#held = new Uint16Array(pieces)
    this.#toldAt = new Float64Array(pieces).fill(Number.NEGATIVE_INFINITY)
    this.#fresh = pieces
  }

  join(peer: Peer, now: number): void {
    const has = new Uint8Array(this.#pieces)
    const told = new Uint8Array(this.#pieces)
    const times = { joinedAt: now, progressAt: now, othersAt: now }
    const trust = { isReliedOn: true, isProven: false }
    this.#peers.set(peer, { has, told, expected: new Map(), missing: this.#pieces, ...trust, ...times })
  }

  /** What only this peer had or expected is to be had from the seeder again. */
  leave(peer: Peer, now: number): void {
    const view = this.#peers.get(peer)
    if (view === undefined) return
    this.#peers.delete(peer)
    // A client that got its last pieces closes the connection at once, without a word about them.
    if (view.missing <= view.expected.size) this.#completeUntil = now + LINGERS_MS
    for (const piece of view.expected.keys()) this.#expectNoMore(view, piece)
    for (let piece = 0; piece < this.#pieces; piece += 1) {
      if (view.has[piece] === 1) this.#count(this.#held, piece, -1)
    }
  }

  /** The peer has a piece, from whomever. */
  confirm(peer: Peer, piece: number, now: number): void {
    const view = this.#peers.get(peer)
    if (view === undefined || view.has[piece] !== 0) return
    view.has[piece] = 1
    view.missing -= 1
    view.progressAt = now
    if (view.told[piece] === 0) view.othersAt = now
    else {
      view.isReliedOn = true
      view.isProven = true
    }
    this.#count(this.#held, piece, 1)
    this.#expectNoMore(view, piece)
  }

  /** The seeder is sending to the peer, so it is not idle. */
  progress(peer: Peer, now: number): void {
    const view = this.#peers.get(peer)
    if (view !== undefined) view.progressAt = now
  }

  /** The peer is not interested in anything: nobody is kept waiting by it any longer. */
  doubt(peer: Peer, now: number): void {
    const view = this.#peers.get(peer)
    if (view === undefined) return
    // In a crowd that was there before anything could be told to it, each would be waited for in its turn.
    if (!view.isProven && now - view.joinedAt >= IDLE_AFTER_MS) view.isReliedOn = false
    for (const [piece, { since, isCounted }] of view.expected) {
      if (!isCounted || now - since < IDLE_AFTER_MS) continue
      view.isReliedOn = false
      view.expected.set(piece, { since, isCounted: false })
      this.#count(this.#expected, piece, -1)
    }
  }

  /**
   * The pieces that the peer shall be told of now.
   * @param window pieces that it may expect at the same time.
   */
  next(peer: Peer, window: number, now: number): number[] {
    const view = this.#peers.get(peer)
    if (view === undefined || view.missing === 0) return []
    this.#forgetStalled(view, now)
    const room = window - view.expected.size
    if (room <= 0) return []
    const fresh = now < this.#completeUntil ? [] : this.#pickFresh(view, room)
    const patience = Math.max(HELP_AFTER_MS, HELP_AFTER_FOR_EACH_MS * this.#peers.size)
    const needsHelp = now - view.othersAt >= patience
    const chosen = fresh.length === 0 && needsHelp ? this.#pickRarest(view, room, now) : fresh
    for (const piece of chosen) {
      view.told[piece] = 1
      view.expected.set(piece, { since: now, isCounted: view.isReliedOn })
      if (!view.isReliedOn) continue
      this.#toldAt[piece] = now
      this.#count(this.#expected, piece, 1)
    }
    return chosen
  }

  #forgetStalled(view: PeerView, now: number): void {
    if (now - view.progressAt < STALLED_AFTER_MS) return
    for (const [piece, { since }] of view.expected) {
      if (now - since < STALLED_AFTER_MS) continue
      this.#expectNoMore(view, piece)
      view.isReliedOn = false
    }
  }

  #expectNoMore(view: PeerView, piece: number): void {
    if (view.expected.get(piece)?.isCounted) this.#count(this.#expected, piece, -1)
    view.expected.delete(piece)
  }

  #pickFresh(view: PeerView, count: number): number[] {
    const chosen: number[] = []
    if (this.#fresh === 0) return chosen
    const start = Math.floor(this.#random() * this.#pieces)
    for (let step = 0; step < this.#pieces && chosen.length < count; step += 1) {
      const piece = (start + step) % this.#pieces
      const isFresh = this.#expected[piece] === 0 && this.#held[piece] === 0
      if (isFresh && view.told[piece] === 0) chosen.push(piece)
    }
    return chosen
  }

  /** What nobody has yet is on its way to somebody, and will be had from there: once more would only make both slower. */
  #pickRarest(view: PeerView, count: number, now: number): number[] {
    const patience = Math.max(STALLED_AFTER_MS, HELP_AFTER_FOR_EACH_MS * this.#peers.size)
    const candidates: number[] = []
    for (let piece = 0; piece < this.#pieces; piece += 1) {
      if (view.told[piece] === 1 || view.has[piece] === 1) continue
      const isAwaited = this.#held[piece] === 0 && this.#expected[piece] !== 0
      const isOnItsWay = isAwaited && now - (this.#toldAt[piece] ?? 0) < patience
      if (!isOnItsWay) candidates.push(piece)
    }
    const spread = (piece: number) => (this.#held[piece] ?? 0) + (this.#expected[piece] ?? 0)
    return candidates.sort((one, other) => spread(one) - spread(other)).slice(0, count)
  }

  #count(counts: Uint16Array, piece: number, change: 1 | -1): void {
    const before = this.#isFresh(piece)
    counts[piece] = (counts[piece] ?? 0) + change
    const after = this.#isFresh(piece)
    if (before && !after) this.#fresh -= 1
    if (!before && after) this.#fresh += 1
  }

  #isFresh(piece: number): boolean {
    return this.#expected[piece] === 0 && this.#held[piece] === 0
  }
}
