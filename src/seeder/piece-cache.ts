/** Part of a piece, lent. */
export interface LentBytes {
  readonly bytes: Uint8Array
  /** Has to be called once, when nobody looks at the bytes any more: then their memory may be used for others. */
  release(): void
}

interface Slot extends LentBytes {
  /** Settles when the bytes are there; undefined when they are. */
  filling: Promise<unknown> | undefined
  users: number
}

/**
 * Parts of pieces that were read lately, for all torrents together: machines that start together want the same ones.
 *
 * The memory of a part that is not wanted any more is used for the next one. To allocate it anew each time would make the
 * garbage collector look through everything once for some fifty pieces, which cost as much as all the rest of seeding.
 */
export class PieceCache {
  readonly #limit: number
  /** The one that was not wanted for longest comes first. */
  readonly #slots = new Map<number, Slot>()
  #size = 0
  /** Bytes that somebody looks at. */
  #lent = 0
  #keys = 0

  /**
   * @param limit bytes to keep, at most. Parts that are lent are kept whatever the limit (see {@link canLend}), and so is the one
   *   that was asked for last.
   */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.#size
  }

  /**
   * Whether it can lend the bytes of a key without keeping more than its limit. Otherwise peers that ask for something of
   * every piece and never read it would fill the memory.
   */
  canLend(key: number, size: number): boolean {
    return this.#slots.has(key) || this.#lent === 0 || this.#lent + size <= this.#limit
  }

  /** The first of so many keys that belong to nobody else. */
  reserveKeys(count: number): number {
    const first = this.#keys
    this.#keys += count
    return first
  }

  /**
   * Lends the bytes of a key: at once when they are here. Who asks while they are being read waits for the same reading.
   *
   * @param size bytes of memory that they take; it is best the same for all parts of a torrent
   * @param read fills the memory, which threads may share, when they are not here
   */
  lend(key: number, size: number, read: (memory: Uint8Array) => Promise<unknown>): LentBytes | Promise<LentBytes> {
    const slot = this.#take(key) ?? this.#fill(key, size, read)
    if (slot.users === 0) this.#lent += size
    slot.users += 1
    return slot.filling === undefined ? slot : this.#whenFilled(key, slot, slot.filling)
  }

  async #whenFilled(key: number, slot: Slot, filling: Promise<unknown>): Promise<LentBytes> {
    try {
      await filling
      slot.filling = undefined
      return slot
    } catch (error) {
      slot.release()
      this.#forget(key, slot)
      throw error
    }
  }

  #take(key: number): Slot | undefined {
    const known = this.#slots.get(key)
    if (known === undefined) return undefined
    this.#slots.delete(key)
    this.#slots.set(key, known)
    return known
  }

  #fill(key: number, size: number, read: (memory: Uint8Array) => Promise<unknown>): Slot {
    const bytes = this.#makeRoom(size) ?? new Uint8Array(new SharedArrayBuffer(size))
    const release = () => {
      slot.users -= 1
      if (slot.users === 0) this.#lent -= size
    }
    const slot: Slot = { bytes, release, filling: read(bytes), users: 0 }
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
      if (slot.bytes.length === size && this.#size + size <= this.#limit) return slot.bytes
    }
    return undefined
  }

  #forget(key: number, slot: Slot): void {
    if (this.#slots.get(key) !== slot) return
    this.#slots.delete(key)
    this.#size -= slot.bytes.length
  }
}
