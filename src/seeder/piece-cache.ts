/** Pieces that were read lately, for all torrents together: machines that start together want the same ones. */
export class PieceCache {
  readonly #limit: number
  readonly #pieces = new Map<string, { readonly bytes: Promise<Uint8Array>; readonly size: number }>()
  #size = 0

  /** @param limit bytes to keep, at most. The piece that was asked for last is always kept. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.#size
  }

  /** The piece, read with `read` when it is not here. Who asks while it is being read waits for the same reading. */
  get(key: string, size: number, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#pieces.get(key)
    if (known !== undefined) {
      this.#pieces.delete(key)
      this.#pieces.set(key, known)
      return known.bytes
    }
    const bytes = read()
    this.#pieces.set(key, { bytes, size })
    this.#size += size
    this.#dropOldest(key)
    bytes.catch(() => this.drop(key))
    return bytes
  }

  drop(key: string): void {
    const known = this.#pieces.get(key)
    if (known === undefined) return
    this.#pieces.delete(key)
    this.#size -= known.size
  }

  #dropOldest(newest: string): void {
    for (const key of this.#pieces.keys()) {
      if (this.#size <= this.#limit || key === newest) return
      this.drop(key)
    }
  }
}
