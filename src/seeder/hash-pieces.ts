import { hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { readReason } from '../read-reason.ts'
import { PIECE_HASH_BYTES } from './metainfo.ts'

/** What several threads hash together. The shared parts are how they divide the work without a word. */
export interface HashJob {
  readonly files: readonly { readonly path: string; readonly size: number }[]
  readonly pieceLength: number
  readonly bytes: number
  /** [next piece to take, pieces done, 1 when all shall stop] */
  readonly shared: Int32Array<SharedArrayBuffer>
  /** Where the hashes go. */
  readonly pieces: Uint8Array<SharedArrayBuffer>
}

export const NEXT = 0
export const DONE = 1
export const STOP = 2

/** A file could not be read to the size that it had. */
export class UnreadableFile extends Error {
  readonly path: string

  constructor(path: string, reason: string) {
    super(reason)
    this.path = path
  }
}

/**
 * Takes pieces, reads and hashes them, until none is left or all shall stop. Blocks its thread.
 * @throws UnreadableFile
 */
export function hashPieces({ files, pieceLength, bytes, shared, pieces }: HashJob): void {
  const buffer = Buffer.allocUnsafeSlow(pieceLength)
  const reader = new Reader(files)
  try {
    while (Atomics.load(shared, STOP) === 0) {
      const index = Atomics.add(shared, NEXT, 1)
      const offset = index * pieceLength
      if (offset >= bytes) return
      const piece = buffer.subarray(0, Math.min(pieceLength, bytes - offset))
      reader.read(piece, offset)
      pieces.set(hash('sha1', piece, 'buffer'), index * PIECE_HASH_BYTES)
      Atomics.add(shared, DONE, 1)
    }
  } finally {
    reader.close()
  }
}

/** Reads files as if they were one, always onwards. */
class Reader {
  readonly #files: HashJob['files']
  #index = 0
  #fileOffset = 0
  #descriptor: number | undefined

  constructor(files: HashJob['files']) {
    this.#files = files
  }

  read(into: Uint8Array, offset: number): void {
    let done = 0
    while (done < into.length) {
      const { path, size } = this.#fileAt(offset + done)
      const position = offset + done - this.#fileOffset
      const length = Math.min(into.length - done, size - position)
      done += this.#readSome(path, into.subarray(done, done + length), position)
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #fileAt(offset: number): HashJob['files'][number] {
    for (;;) {
      const file = this.#files[this.#index]
      if (file === undefined) throw new RangeError(`there is no byte ${offset}`)
      if (offset < this.#fileOffset + file.size) return file
      this.close()
      this.#fileOffset += file.size
      this.#index += 1
    }
  }

  #readSome(path: string, into: Uint8Array, position: number): number {
    let count: number
    try {
      this.#descriptor ??= openSync(path, 'r')
      count = readSync(this.#descriptor, into, 0, into.length, position)
    } catch (error) {
      throw new UnreadableFile(path, readReason(error))
    }
    if (count === 0) throw new UnreadableFile(path, 'it became shorter')
    return count
  }
}
