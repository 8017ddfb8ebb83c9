import type { Wire } from 'webtorrent'
import { RevealPlan } from './reveal-plan.ts'

/** What a peer may expect at least: enough to keep a slow link busy while its confirmation travels. */
const LEAST_WINDOW_BYTES = 1024 * 1024
const LEAST_WINDOW_PIECES = 2
/** What it may expect in terms of the speed at which we serve it: so a fast link is kept busy too. */
const WINDOW_SECONDS = 0.5
const TICK_MS = 500

/** Carries a {@link RevealPlan} out on the connections of one torrent. */
export class SuperSeeding {
  readonly #pieces: number
  readonly #pieceLength: number
  readonly #plan: RevealPlan<Wire>
  /** The connections whose peer knows that we begin with nothing, and what was sent on them at the last look. */
  readonly #wires = new Map<Wire, number>()
  readonly #ticking: NodeJS.Timeout

  constructor(pieces: number, pieceLength: number) {
    this.#pieces = pieces
    this.#pieceLength = pieceLength
    this.#plan = new RevealPlan(pieces, Math.random)
    this.#ticking = setInterval(() => this.#tick(), TICK_MS)
  }

  /** Takes a connection over. Has to be called while webtorrent's `wire` event is handled, before it says what we have. */
  add(wire: Wire): void {
    this.#plan.join(wire, performance.now())
    const pretendNothing = () => {
      if (wire.hasFast) wire.haveNone()
      this.#wires.set(wire, 0)
      this.#confirmAll(wire)
    }
    // webtorrent calls one of these, once, to say what we have.
    wire.haveAll = pretendNothing
    wire.bitfield = pretendNothing
    wire.on('have', (piece: number) => {
      this.#plan.confirm(wire, piece, performance.now())
      this.#reveal(wire)
    })
    // aria2 sends a whole bitfield in mid-stream now and then.
    wire.on('bitfield', () => this.#confirmAll(wire))
    wire.on('have-all', () => this.#confirmAll(wire))
    wire.once('finish', () => this.#remove(wire))
    wire.once('close', () => this.#remove(wire))
  }

  close(): void {
    clearInterval(this.#ticking)
  }

  #remove(wire: Wire): void {
    this.#plan.leave(wire, performance.now())
    this.#wires.delete(wire)
    for (const other of this.#wires.keys()) this.#reveal(other)
  }

  #confirmAll(wire: Wire): void {
    const now = performance.now()
    for (let piece = 0; piece < this.#pieces; piece += 1) {
      if (wire.peerPieces.get(piece)) this.#plan.confirm(wire, piece, now)
    }
    this.#reveal(wire)
  }

  #tick(): void {
    for (const [wire, before] of this.#wires) {
      if (wire.uploaded > before) this.#plan.progress(wire, performance.now())
      if (!wire.peerInterested) this.#plan.doubt(wire, performance.now())
      this.#wires.set(wire, wire.uploaded)
    }
    for (const wire of this.#wires.keys()) this.#reveal(wire)
  }

  #reveal(wire: Wire): void {
    // Before that, it is too early to tell the peer anything; later, what a choked peer expects would be kept from others.
    const isWaiting = wire.amChoking && wire.peerInterested
    if (!this.#wires.has(wire) || isWaiting || wire.destroyed) return
    const bytes = Math.max(LEAST_WINDOW_BYTES, WINDOW_SECONDS * wire.uploadSpeed())
    const window = Math.max(LEAST_WINDOW_PIECES, Math.ceil(bytes / this.#pieceLength))
    for (const piece of this.#plan.next(wire, window, performance.now())) wire.have(piece)
  }
}
