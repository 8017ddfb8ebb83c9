import { hash } from 'node:crypto'
import type { Torrent } from './torrent.ts'

/**
 * The memory of all simulated machines. Each verifies every piece that it downloads; what they verified is the same, and so
 * it is kept once: a hundred real machines have a hundred memories, this computer has one.
 */
export class Content {
  readonly #hashes: Torrent['hashes']
  readonly #pieces: (Buffer | undefined)[]

  constructor({ hashes }: Pick<Torrent, 'hashes'>) {
    this.#hashes = hashes
    this.#pieces = new Array(hashes.length).fill(undefined)
  }

  /** Whether these bytes are the piece. */
  verify(piece: number, bytes: Buffer): boolean {
    const wanted = this.#hashes[piece]
    if (wanted === undefined || !hash('sha1', bytes, 'buffer').equals(wanted)) return false
    this.#pieces[piece] ??= bytes
    return true
  }

  /** Bytes of a piece that somebody verified. */
  read(piece: number, offset: number, length: number): Buffer | undefined {
    return this.#pieces[piece]?.subarray(offset, offset + length)
  }
}
