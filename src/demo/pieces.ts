/** What one machine has of a torrent, and what it asks for next: rarest first (BEP 3), and what was begun before what is new. */

/** What one request asks for. */
export interface Block {
  readonly piece: number
  readonly offset: number
  readonly length: number
}

export interface PiecesOptions {
  /** Length of everything, in bytes. */
  readonly bytes: number
  readonly pieceLength: number
  /** As Math.random. */
  readonly random: () => number
}

/** As every client asks. */
export const BLOCK_BYTES = 16 * 1024

/** More pieces at a time would be memory that nobody needs. */
const MOST_BEGUN = 24

interface Begun {
  readonly bytes: Buffer
  /** Offsets that nobody was asked for. */
  readonly open: number[]
  /** Blocks that have not come. */
  missing: number
}

export class Pieces {
  readonly #options: PiecesOptions
  readonly #count: number
  /** 1 for each piece that is here. */
  readonly #here: Uint8Array
  readonly #begun = new Map<number, Begun>()
  /** How many neighbours have each piece. */
  readonly #held: Uint16Array
  #done = 0

  constructor(options: PiecesOptions) {
    this.#options = options
    this.#count = Math.ceil(options.bytes / options.pieceLength)
    this.#here = new Uint8Array(this.#count)
    this.#held = new Uint16Array(this.#count)
  }

  /** Bytes that are here and verified. */
  get done(): number {
    return this.#done
  }

  get isComplete(): boolean {
    return this.#done === this.#options.bytes
  }

  has(piece: number): boolean {
    return this.#here[piece] === 1
  }

  /** The message of BEP 3: the first piece in the highest bit of the first byte. */
  bitfield(): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.#count / 8))
    for (let piece = 0; piece < this.#count; piece++) {
      if (this.has(piece)) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7))
    }
    return bits
  }

  /** The pieces in the middle of 64 equal parts as 16 hexadecimal digits, as machines report them. */
  summary(): string {
    const parts = Array.from({ length: 64 }, (_, part) => this.has(Math.floor(((part + 0.5) * this.#count) / 64)))
    return Array.from({ length: 16 }, (_, digit) => {
      const bits = parts.slice(digit * 4, digit * 4 + 4)
      return bits.reduce((value, isHere) => value * 2 + Number(isHere), 0).toString(16)
    }).join('')
  }

  /** A neighbour has this piece, or has left and takes it along. */
  count(piece: number, change: 1 | -1): void {
    if (piece < this.#count) this.#held[piece] = (this.#held[piece] ?? 0) + change
  }

  /** Which pieces a neighbour has, of all that there are. */
  *among(isHeld: (piece: number) => boolean): Iterable<number> {
    for (let piece = 0; piece < this.#count; piece++) if (isHeld(piece)) yield piece
  }

  /** What to ask a neighbour for; undefined when it has nothing that is wanted. */
  next(isHeld: (piece: number) => boolean): Block | undefined {
    for (const [piece, begun] of this.#begun) {
      if (begun.open.length > 0 && isHeld(piece)) return this.#take(piece, begun)
    }
    if (this.#begun.size >= MOST_BEGUN) return undefined
    const piece = this.#rarest(isHeld)
    return piece === undefined ? undefined : this.#take(piece, this.#begin(piece))
  }

  /** A block that was asked for will not come. */
  giveBack({ piece, offset }: Block): void {
    this.#begun.get(piece)?.open.push(offset)
  }

  /** A block has come. @returns the whole piece, when that was the last of it */
  put({ piece, offset }: Block, block: Uint8Array): Buffer | undefined {
    const begun = this.#begun.get(piece)
    if (begun === undefined) return undefined
    begun.bytes.set(block, offset)
    begun.missing -= 1
    return begun.missing === 0 ? begun.bytes : undefined
  }

  /** A whole piece is what it should be, or is not and has to come again. */
  settle(piece: number, isRight: boolean): void {
    this.#begun.delete(piece)
    if (!isRight) return
    this.#here[piece] = 1
    this.#done += this.#lengthOf(piece)
  }

  /** Of several that are equally rare any, or all machines would ask for the same. */
  #rarest(isHeld: (piece: number) => boolean): number | undefined {
    let found: number | undefined
    let least = Number.POSITIVE_INFINITY
    let equals = 0
    for (let piece = 0; piece < this.#count; piece++) {
      const held = this.#held[piece] ?? 0
      if (held > least || this.has(piece) || this.#begun.has(piece) || !isHeld(piece)) continue
      equals = held < least ? 1 : equals + 1
      if (held < least || this.#options.random() * equals < 1) found = piece
      least = held
    }
    return found
  }

  #begin(piece: number): Begun {
    const length = this.#lengthOf(piece)
    const open = Array.from({ length: Math.ceil(length / BLOCK_BYTES) }, (_, index) => index * BLOCK_BYTES).reverse()
    const begun = { bytes: Buffer.allocUnsafeSlow(length), open, missing: open.length }
    this.#begun.set(piece, begun)
    return begun
  }

  #take(piece: number, { open }: Begun): Block {
    const offset = open.pop() ?? 0
    return { piece, offset, length: Math.min(BLOCK_BYTES, this.#lengthOf(piece) - offset) }
  }

  #lengthOf(piece: number): number {
    const { bytes, pieceLength } = this.#options
    return Math.min(pieceLength, bytes - piece * pieceLength)
  }
}
