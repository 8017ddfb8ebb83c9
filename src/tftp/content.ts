import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { BootFile } from '../boot-files.ts'
import { BoottorrentError } from '../errors.ts'
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
  let handle: FileHandle
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
    handle = await open(file.path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    throw new BoottorrentError('FILE', `${file.name} cannot be opened`, { hint: `Check ${file.path}.`, cause })
  }
  try {
    const state = await fileState(handle)
    if (!state.regular) {
      throw new BoottorrentError('FILE', `${file.name} is not a regular file`, { hint: `Check ${file.path}.` })
    }
    if (state.size !== file.size) throw changed(file.name)
    return new FileContent(file, handle, state.identity, cache)
  } catch (error) {
    await handle.close()
    throw error
  }
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
  readonly #name: string
  readonly #handle: FileHandle
  readonly #identity: string
  readonly #cache: ChunkCache
  #held = new Map<number, Buffer>()

  constructor(file: BootFile, handle: FileHandle, identity: string, cache: ChunkCache) {
    this.size = file.size
    this.#name = file.name
    this.#handle = handle
    this.#identity = identity
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
    await this.#handle.close()
  }

  #chunk(index: number): Promise<Buffer> {
    return this.#cache.get(`${this.#identity}:${index}`, () => this.#read(index))
  }

  /** The next chunk is on its way from the disk while this one goes out. What fails here fails again when it is wanted. */
  #readAhead(index: number): void {
    if (index * CHUNK_SIZE < this.size) this.#chunk(index).catch(() => {})
  }

  async #read(index: number): Promise<Buffer> {
    const start = index * CHUNK_SIZE
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_SIZE, this.size - start))
    let filled = 0
    while (filled < chunk.length) {
      const { bytesRead } = await this.#handle.read(chunk, filled, chunk.length - filled, start + filled)
      if (bytesRead === 0) throw changed(this.#name)
      filled += bytesRead
    }
    // Looked at after the bytes were read: whoever wrote meanwhile has left a mark.
    const { identity } = await fileState(this.#handle)
    if (identity !== this.#identity) throw changed(this.#name)
    return chunk
  }
}

async function fileState(handle: FileHandle): Promise<{ regular: boolean; size: number; identity: string }> {
  const stat = await handle.stat({ bigint: true })
  return {
    regular: stat.isFile(),
    size: Number(stat.size),
    identity: `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`,
  }
}

function changed(name: string): BoottorrentError {
  return new BoottorrentError('FILE', `${name} has changed since it was published`, {
    hint: 'Start boottorrent again, so that it takes the new file.',
  })
}
