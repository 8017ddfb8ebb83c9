import path from 'node:path'
import type { ChunkStore, Respond, Torrent } from 'webtorrent'
import { BoottorrentError } from '../errors.ts'
import type { LentBytes, PieceCache } from './piece-cache.ts'
import type { PieceHasher } from './piece-hasher.ts'
import { type PlacedFile, SourceFiles } from './source-files.ts'
import type { ReadTask } from './upload-gate.ts'

/** What is read at a time. Smaller parts cost more time, larger ones fill the cache when many peers are each at another one. */
const EXTENT_BYTES = 1024 * 1024
/** Pieces that are read and hashed before it is their turn. */
const AHEAD_LIMIT = 4

/** What webtorrent gives to a store that it creates, and what we add to that. */
export interface PieceStoreOptions {
  readonly torrent: Torrent
  /** Folder that the paths of the files are relative to. */
  readonly path: string
  readonly files: readonly { readonly path: string; readonly length: number; readonly offset: number }[]
  readonly length: number
  readonly cache: PieceCache
  readonly hasher: PieceHasher
  /** Runs a reading when the peer whose request is being handled has room for so many bytes. */
  readonly admit: (bytes: number, task: ReadTask, respond: Respond) => void
  /** Called once: the files are not what the torrent says, or cannot be read. */
  readonly onDamage: (reason: string) => void
}

/**
 * Reads pieces for webtorrent, in parts from which all peers are served without a copy. Before anything of a piece goes out for
 * the first time after a start or a change of a file, the piece is compared with its hash, so nobody gets bytes that do not verify.
 */
export class PieceStore implements ChunkStore {
  readonly chunkLength: number
  readonly #options: PieceStoreOptions
  readonly #hashes: readonly string[]
  readonly #source: SourceFiles
  readonly #extentLength: number
  readonly #extentsPerPiece: number
  readonly #firstKey: number
  /** 1 for each piece whose bytes are known to be right. */
  readonly #verified: Uint8Array
  /** Comparisons of pieces that are larger than an extent. */
  readonly #checks = new Map<number, Promise<void>>()
  #ahead = 0
  /** How often a change of a file was noticed. */
  #changes = 0
  /** Whether damage was reported, or is nobody's business any more. */
  #isDone = false

  constructor(pieceLength: number, options: PieceStoreOptions) {
    this.chunkLength = pieceLength
    this.#options = options
    this.#hashes = options.torrent.pieces
    this.#verified = new Uint8Array(this.#hashes.length)
    this.#extentLength = Math.min(EXTENT_BYTES, pieceLength)
    this.#extentsPerPiece = Math.ceil(pieceLength / this.#extentLength)
    this.#firstKey = options.cache.reserveKeys(this.#hashes.length * this.#extentsPerPiece)
    const files = options.files.map((file): PlacedFile => ({ ...file, path: path.join(options.path, file.path) }))
    this.#source = new SourceFiles(files, () => {
      this.#changes += 1
      this.#verified.fill(0)
    })
  }

  get(index: number, range: { offset?: number; length?: number } | null | undefined, respond: Respond): void {
    const size = this.#sizeOf(index)
    const offset = range?.offset ?? 0
    const length = range?.length ?? size - offset
    const isThere = offset >= 0 && length > 0 && offset + length <= size
    if (!isThere) {
      queueMicrotask(() => respond(new Error(`there are no bytes ${offset}+${length} in piece ${index}`)))
      return
    }
    this.#readAhead(index, offset)
    this.#options.admit(length, (done) => this.#lend(index, offset, length, done), respond)
  }

  /** The seeder has everything, so nothing is ever stored. */
  put(_index: number, _bytes: Uint8Array, done: (error: Error | null) => void): void {
    queueMicrotask(() => done(new Error('the files of the environment are only read')))
  }

  close(done: (error: Error | null) => void = () => {}): void {
    this.#isDone = true
    this.#source.close().then(() => done(null), done)
  }

  destroy(done?: (error: Error | null) => void): void {
    this.close(done)
  }

  #sizeOf(index: number): number {
    if (index < 0 || index >= this.#hashes.length) return 0
    return Math.min(this.chunkLength, this.#options.length - index * this.chunkLength)
  }

  /** What has to be hashed first is read while what was asked for before is being sent. */
  #readAhead(index: number, offset: number): void {
    if (this.#verified[index] === 1 || this.#checks.has(index) || this.#ahead === AHEAD_LIMIT) return
    const extent = Math.floor(offset / this.#extentLength)
    if (!this.#options.cache.canLend(this.#keyOf(index, extent), this.#extentLength)) return
    this.#ahead += 1
    const done = () => {
      this.#ahead -= 1
    }
    Promise.resolve(this.#extent(index, extent))
      .then(({ release }) => release())
      .catch(() => {})
      .finally(done)
  }

  #lend(index: number, offset: number, length: number, done: Parameters<ReadTask>[0]): void {
    const extent = Math.floor(offset / this.#extentLength)
    const from = offset - extent * this.#extentLength
    const isApart = from + length > this.#extentLength
    if (isApart || !this.#options.cache.canLend(this.#keyOf(index, extent), this.#extentLength)) {
      this.#readApart(index, offset, length).then((bytes) => done(null, bytes), done)
      return
    }
    const answer = ({ bytes, release }: LentBytes) => done(null, bytes.subarray(from, from + length), release)
    const lent = this.#extent(index, extent)
    if (lent instanceof Promise) lent.then(answer, done)
    else answer(lent)
  }

  #extent(index: number, extent: number): LentBytes | Promise<LentBytes> {
    const key = this.#keyOf(index, extent)
    const from = extent * this.#extentLength
    const size = Math.min(this.#extentLength, this.#sizeOf(index) - from)
    return this.#options.cache.lend(key, this.#extentLength, (memory) =>
      this.#read(index, from, memory.subarray(0, size)),
    )
  }

  #keyOf(index: number, extent: number): number {
    return this.#firstKey + index * this.#extentsPerPiece + extent
  }

  /** Bytes of more than one extent, which no client that we know asks for, or that the cache has no room for. */
  async #readApart(index: number, offset: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(length)
    await this.#read(index, offset, bytes)
    return bytes
  }

  /** Fills the memory with bytes of a piece that is known to be right. */
  async #read(index: number, offset: number, bytes: Uint8Array): Promise<void> {
    try {
      let changes: number
      do {
        const isWhole = bytes.length === this.#sizeOf(index) && bytes.buffer instanceof SharedArrayBuffer
        if (this.#verified[index] === 0 && !isWhole) await this.#verify(index)
        changes = this.#changes
        await this.#source.read(index * this.chunkLength + offset, bytes)
        if (this.#verified[index] === 0 && isWhole)
          this.#compare(index, await this.#options.hasher.hash(bytes), changes)
      } while (changes !== this.#changes || this.#verified[index] === 0)
    } catch (error) {
      this.#reportDamage(error)
      throw error
    }
  }

  /** Compares a piece with its hash without keeping it. */
  #verify(index: number): Promise<void> {
    const underWay = this.#checks.get(index)
    if (underWay !== undefined) return underWay
    let changes = 0
    const read = async (memory: Uint8Array) => {
      changes = this.#changes
      await this.#source.read(index * this.chunkLength, memory)
    }
    const check = this.#options.hasher
      .hashOf(this.#sizeOf(index), read)
      .then((hash) => this.#compare(index, hash, changes))
      .finally(() => this.#checks.delete(index))
    this.#checks.set(index, check)
    return check
  }

  /** @param changes what was counted before the piece was read */
  #compare(index: number, hash: string, changes: number): void {
    if (hash !== this.#hashes[index]) {
      const bytes = this.#source.namesAt(index * this.chunkLength, this.#sizeOf(index))
      const names = bytes.map((name) => path.basename(name)).join(' or ')
      throw new BoottorrentError('FILE', `${names} is not what it was when its torrent was made`, {
        hint: 'Start again, so that the torrent is made anew.',
      })
    }
    if (changes === this.#changes) this.#verified[index] = 1
  }

  #reportDamage(error: unknown): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#options.onDamage(error instanceof Error ? error.message : String(error))
  }
}
