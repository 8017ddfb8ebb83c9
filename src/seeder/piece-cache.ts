/** Bytes of a piece, lent. */
export interface LentPiece {
  readonly bytes: Uint8Array
  /** Has to be called once, when nobody looks at the bytes any more: then their memory may be used for another piece. */
  release(): void
}

interface Slot {
  readonly memory: Uint8Array
  /** Settles when the piece is in it. */
  readonly filled: Promise<unknown>
  users: number
}

/**
 * Pieces that were read lately, for all torrents together: machines that start together want the same ones.
 *
 * The memory of a piece that is not wanted any more is used for the next one. To allocate it anew each time would make the
 * garbage collector look through everything once for some fifty pieces, which cost as much as all the rest of seeding.
 */
export class PieceCache {
  readonly #limit: number
  /** The piece that was not wanted for longest comes first. */
  readonly #slots = new Map<string, Slot>()
  #size = 0

  /**
   * @param limit bytes to keep, at most. Pieces that are lent are kept whatever the limit, and so is the piece that was
   *   asked for last.
   */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.#size
  }

  /**
   * Lends a piece. Who asks while it is being read waits for the same reading.
   *
   * @param size bytes of memory that it takes; it is best the same for all pieces of a torrent
   * @param read fills the memory with the piece when it is not here
   */
  async lend(key: string, size: number, read: (memory: Uint8Array) => Promise<unknown>): Promise<LentPiece> {
    const slot = this.#take(key) ?? this.#fill(key, size, read)
    slot.users += 1
    const release = () => {
      slot.users -= 1
    }
    try {
      await slot.filled
    } catch (error) {
      release()
      this.#forget(key, slot)
      throw error
    }
    return { bytes: slot.memory, release }
  }

  #take(key: string): Slot | undefined {
    const known = this.#slots.get(key)
    if (known === undefined) return undefined
    this.#slots.delete(key)
    this.#slots.set(key, known)
    return known
  }

  #fill(key: string, size: number, read: (memory: Uint8Array) => Promise<unknown>): Slot {
    const memory = this.#makeRoom(size) ?? Buffer.allocUnsafeSlow(size)
    const slot = { memory, filled: read(memory), users: 0 }
    this.#slots.set(key, slot)
    this.#size += size
    return slot
  }

  /** @returns memory of the right size that became free. */
  #makeRoom(size: number): Uint8Array | undefined {
    for (const [key, slot] of this.#slots) {
      if (this.#size + size <= this.#limit) return undefined
      if (slot.users > 0) continue
      this.#forget(key, slot)
      // What was kept above the limit while it was lent is given back.
      if (slot.memory.length === size && this.#size + size <= this.#limit) return slot.memory
    }
    return undefined
  }

  #forget(key: string, slot: Slot): void {
    if (this.#slots.get(key) !== slot) return
    this.#slots.delete(key)
    this.#size -= slot.memory.length
  }
}
