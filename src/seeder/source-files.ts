import { type FileHandle, open } from 'node:fs/promises'
import { BoottorrentError } from '../errors.ts'
import { readReason } from '../read-reason.ts'

/** A file on disk, and where its bytes lie in the torrent. */
export interface PlacedFile {
  readonly path: string
  readonly length: number
  readonly offset: number
}

/** Files that are kept open at the same time. */
const OPEN_LIMIT = 64

interface OpenFile {
  readonly handle: FileHandle
  users: number
}

/** The files of a torrent, read as if they were one. */
export class SourceFiles {
  readonly #files: readonly PlacedFile[]
  readonly #open = new Map<string, Promise<OpenFile>>()
  /** Also of files that are closed again. */
  readonly #stamps = new Map<string, string>()
  #isClosed = false
  readonly #onChange: () => void

  /** @param onChange a file has changed since it was read last; called before the reading that noticed it resolves */
  constructor(files: readonly PlacedFile[], onChange: () => void) {
    this.#files = files.filter((file) => file.length > 0)
    this.#onChange = onChange
  }

  /**
   * Fills the memory with the bytes from this offset on.
   *
   * @throws BoottorrentError FILE when a file cannot be read or is too short.
   */
  async read(offset: number, bytes: Uint8Array): Promise<void> {
    for (const file of this.#filesAt(offset, bytes.length)) {
      const from = Math.max(offset, file.offset)
      const to = Math.min(offset + bytes.length, file.offset + file.length)
      await this.#readPart(file, bytes.subarray(from - offset, to - offset), from - file.offset)
    }
  }

  /** Paths of the files that these bytes come from. */
  namesAt(offset: number, length: number): string[] {
    return this.#filesAt(offset, length).map((file) => file.path)
  }

  /** What is being read fails. */
  async close(): Promise<void> {
    this.#isClosed = true
    const files = [...this.#open.values()]
    this.#open.clear()
    const results = await Promise.allSettled(files)
    for (const result of results) {
      if (result.status === 'fulfilled') await result.value.handle.close().catch(() => {})
    }
  }

  #filesAt(offset: number, length: number): PlacedFile[] {
    // The first file that ends behind the offset, found by halving: an image may have a hundred thousand files.
    let low = 0
    let high = this.#files.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const file = this.#files[middle]
      if (file !== undefined && file.offset + file.length <= offset) low = middle + 1
      else high = middle
    }
    const found: PlacedFile[] = []
    for (let index = low; index < this.#files.length; index += 1) {
      const file = this.#files[index]
      if (file === undefined || file.offset >= offset + length) break
      found.push(file)
    }
    return found
  }

  async #readPart(file: PlacedFile, into: Uint8Array, position: number): Promise<void> {
    try {
      const opened = await this.#opened(file.path)
      opened.users += 1
      try {
        let done = 0
        while (done < into.length) {
          const { bytesRead } = await opened.handle.read(into, done, into.length - done, position + done)
          if (bytesRead === 0) throw new Error('it is shorter than it was')
          done += bytesRead
        }
        await this.#lookForChange(file.path, opened)
      } finally {
        opened.users -= 1
        await this.#closeIdle()
      }
    } catch (cause) {
      throw new BoottorrentError('FILE', `${file.path} cannot be read any more: ${readReason(cause)}`, {
        hint: 'Check the file and the disk, and start again.',
        cause,
      })
    }
  }

  async #lookForChange(name: string, opened: OpenFile): Promise<void> {
    const { size, mtimeNs, ctimeNs } = await opened.handle.stat({ bigint: true })
    const stamp = `${size} ${mtimeNs} ${ctimeNs}`
    const known = this.#stamps.get(name)
    this.#stamps.set(name, stamp)
    if (known !== undefined && known !== stamp) this.#onChange()
  }

  async #opened(name: string): Promise<OpenFile> {
    if (this.#isClosed) throw new Error('it is not served any more')
    const known = this.#open.get(name)
    if (known !== undefined) return known
    const opening = open(name).then((handle): OpenFile => ({ handle, users: 0 }))
    this.#open.set(name, opening)
    opening.catch(() => this.#open.delete(name))
    return opening
  }

  async #closeIdle(): Promise<void> {
    if (this.#open.size <= OPEN_LIMIT) return
    for (const [name, opening] of this.#open) {
      const opened = await opening.catch(() => undefined)
      if (opened === undefined || opened.users > 0) continue
      this.#open.delete(name)
      await opened.handle.close().catch(() => {})
      return
    }
  }
}
