/** Bytes that are read from a file at once. One read per block of 1468 bytes would cost more than sending it. */
export const CHUNK_SIZE = 256 * 1024

/**
 * Pieces of boot files in memory, shared by all transfers: the machines of a classroom read the same bytes at almost the
 * same time. Never holds more than its capacity; the piece that was asked for longest ago goes first.
 */
export class ChunkCache {
  readonly #capacity: number
  readonly #chunks = new Map<string, Buffer>()
  readonly #reading = new Map<string, Promise<Buffer>>()
  #bytes = 0

  /** @param capacity - Bytes. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** The chunk of this key; `read` brings it when it is not here, once for all who ask at the same time. */
  get(key: string, read: () => Promise<Buffer>): Promise<Buffer> {
    const chunk = this.#chunks.get(key)
    if (chunk !== undefined) {
      this.#chunks.delete(key)
      this.#chunks.set(key, chunk)
      return Promise.resolve(chunk)
    }
    const pending = this.#reading.get(key)
    // Whoever reads it may end and close the file under its own read: then we read it ourselves.
    if (pending !== undefined) return pending.catch(() => this.get(key, read))
    const reading = read()
      .then((fresh) => {
        this.#keep(key, fresh)
        return fresh
      })
      .finally(() => this.#reading.delete(key))
    this.#reading.set(key, reading)
    return reading
  }

  clear(): void {
    this.#chunks.clear()
    this.#bytes = 0
  }

  #keep(key: string, chunk: Buffer): void {
    this.#chunks.set(key, chunk)
    this.#bytes += chunk.length
    for (const [oldest, old] of this.#chunks) {
      if (this.#bytes <= this.#capacity) break
      this.#chunks.delete(oldest)
      this.#bytes -= old.length
    }
  }
}
