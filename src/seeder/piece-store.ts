import { hash } from 'node:crypto'
import path from 'node:path'
import type { ChunkStore, Respond, Torrent } from 'webtorrent'
import { BoottorrentError } from '../errors.ts'
import type { LentPiece, PieceCache } from './piece-cache.ts'
import { type PlacedFile, SourceFiles } from './source-files.ts'
import type { ReadTask } from './upload-gate.ts'

/** What webtorrent gives to a store that it creates, and what we add to that. */
export interface PieceStoreOptions {
  readonly torrent: Torrent
  /** Folder that the paths of the files are relative to. */
  readonly path: string
  readonly files: readonly { readonly path: string; readonly length: number; readonly offset: number }[]
  readonly length: number
  readonly cache: PieceCache
  /** Runs a reading when the peer whose request is being handled has room for so many bytes. */
  readonly admit: (bytes: number, task: ReadTask, respond: Respond) => void
  /** Called once: the files are not what the torrent says, or cannot be read. */
  readonly onDamage: (reason: string) => void
}

/**
 * Reads pieces for webtorrent: each one once, into one buffer, from which all peers are served without a copy. The first
 * time after a start or a change of the file, a piece is compared with its hash, so nobody gets bytes that do not verify.
 */
export class PieceStore implements ChunkStore {
  readonly chunkLength: number
  readonly #options: PieceStoreOptions
  readonly #hashes: readonly string[]
  readonly #infoHash: string
  readonly #source: SourceFiles
  readonly #verified: Uint8Array
  #isDamaged = false

  constructor(pieceLength: number, options: PieceStoreOptions) {
    this.chunkLength = pieceLength
    this.#options = options
    this.#hashes = options.torrent.pieces
    this.#infoHash = options.torrent.infoHash
    this.#verified = new Uint8Array(this.#hashes.length)
    this.#source = new SourceFiles(
      options.files.map((file): PlacedFile => ({ ...file, path: path.join(options.path, file.path) })),
    )
  }

  get(index: number, range: { offset?: number; length?: number } | null | undefined, respond: Respond): void {
    const size = this.#sizeOf(index)
    const offset = range?.offset ?? 0
    const length = range?.length ?? size - offset
    if (size === 0 || offset + length > size) {
      queueMicrotask(() => respond(new Error(`there are no bytes ${offset}+${length} in piece ${index}`)))
      return
    }
    const task: ReadTask = (done) => {
      this.#piece(index, size).then(
        ({ bytes, release }) => done(null, bytes.subarray(offset, offset + length), release),
        (error) => done(error),
      )
    }
    this.#options.admit(length, task, respond)
  }

  /** The seeder has everything, so nothing is ever stored. */
  put(_index: number, _bytes: Uint8Array, done: (error: Error | null) => void): void {
    queueMicrotask(() => done(new Error('the files of the environment are only read')))
  }

  close(done: (error: Error | null) => void = () => {}): void {
    this.#source.close().then(() => done(null), done)
  }

  destroy(done?: (error: Error | null) => void): void {
    this.close(done)
  }

  #sizeOf(index: number): number {
    if (index < 0 || index >= this.#hashes.length) return 0
    return Math.min(this.chunkLength, this.#options.length - index * this.chunkLength)
  }

  #piece(index: number, size: number): Promise<LentPiece> {
    const read = (memory: Uint8Array) => this.#read(index, memory.subarray(0, size))
    return this.#options.cache.lend(`${this.#infoHash} ${index}`, this.chunkLength, read)
  }

  async #read(index: number, bytes: Uint8Array): Promise<void> {
    try {
      const hasChanged = await this.#source.read(index * this.chunkLength, bytes)
      if (hasChanged) this.#verified.fill(0)
      if (this.#verified[index] === 0) this.#verify(index, bytes)
    } catch (error) {
      this.#reportDamage(error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  #verify(index: number, bytes: Uint8Array): void {
    if (hash('sha1', bytes, 'hex') !== this.#hashes[index]) {
      const names = this.#source.namesAt(index * this.chunkLength, bytes.length).map((name) => path.basename(name))
      throw new BoottorrentError('FILE', `${names.join(' or ')} is not what it was when its torrent was made`, {
        hint: 'Start again, so that the torrent is made anew.',
      })
    }
    this.#verified[index] = 1
  }

  #reportDamage(reason: string): void {
    if (this.#isDamaged) return
    this.#isDamaged = true
    this.#options.onDamage(reason)
  }
}
