import type { BootFile } from '../boot-files.ts'
import { type OpenFile, openFile } from '../open-file.ts'
import type { ChunkCache } from './chunk-cache.ts'
import { CHUNK_SIZE } from './chunk-cache.ts'

/** The bytes of one boot file, for one transfer. */
export interface Content {
  readonly size: number
  /** Copies bytes of the file into `target` at `at`. False when they are not at hand: {@link fetch} them, and ask again. */
  copy(offset: number, length: number, target: Buffer, at: number): boolean
  /**
   * Brings the bytes from `offset` on into memory.
   *
   * @throws BoottorrentError FILE when the file is no longer the one that was opened.
   */
  fetch(offset: number, length: number): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a boot file for reading.
 *
 * @throws BoottorrentError FILE when it is missing, cannot be read, is not a regular file, or has another size than the table says.
 */
export async function openContent(file: BootFile, cache: ChunkCache): Promise<Content> {
  if ('bytes' in file) return new BytesContent(file.bytes)
  return new FileContent(await openFile(file), cache)
}

class BytesContent implements Content {
  readonly size: number
  readonly #bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.size = bytes.length
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  copy(offset: number, length: number, target: Buffer, at: number): boolean {
    this.#bytes.copy(target, at, offset, offset + length)
    return true
  }

  async fetch(): Promise<void> {}

  async close(): Promise<void> {}
}

/** A file in chunks. Those in use are held here, so that what the cache forgets meanwhile is still at hand. */
class FileContent implements Content {
  readonly size: number
  readonly #file: OpenFile
  readonly #cache: ChunkCache
  #held = new Map<number, Buffer>()

  constructor(file: OpenFile, cache: ChunkCache) {
    this.size = file.size
    this.#file = file
    this.#cache = cache
  }

  copy(offset: number, length: number, target: Buffer, at: number): boolean {
    let copied = 0
    while (copied < length) {
      const position = offset + copied
      const chunk = this.#held.get(Math.floor(position / CHUNK_SIZE))
      if (chunk === undefined) return false
      const start = position % CHUNK_SIZE
      copied += chunk.copy(target, at + copied, start, Math.min(start + length - copied, chunk.length))
    }
    return true
  }

  async fetch(offset: number, length: number): Promise<void> {
    const first = Math.floor(offset / CHUNK_SIZE)
    const last = Math.floor((offset + Math.max(length, 1) - 1) / CHUNK_SIZE)
    const wanted = new Map<number, Buffer>()
    for (let index = first; index <= last; index += 1) {
      wanted.set(index, this.#held.get(index) ?? (await this.#chunk(index)))
    }
    this.#held = wanted
    this.#readAhead(last + 1)
  }

  async close(): Promise<void> {
    this.#held.clear()
    await this.#file.close()
  }

  #chunk(index: number): Promise<Buffer> {
    return this.#cache.get(`${this.#file.version}:${index}`, () => this.#read(index))
  }

  /** The next chunk is on its way from the disk while this one goes out. What fails here fails again when it is wanted. */
  #readAhead(index: number): void {
    if (index * CHUNK_SIZE < this.size) this.#chunk(index).catch(() => {})
  }

  async #read(index: number): Promise<Buffer> {
    const start = index * CHUNK_SIZE
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_SIZE, this.size - start))
    await this.#file.read(chunk, start)
    return chunk
  }
}
