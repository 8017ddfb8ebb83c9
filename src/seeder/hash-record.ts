import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { FolderFile } from '../served-folder.ts'
import { writeWhole } from '../write-whole.ts'

/** A file whose time is this close to now may change once more without its time showing it. */
const SETTLED_AFTER_MS = 2_000

interface Recorded {
  readonly version: 1
  readonly pieceLength: number
  /** Path, size and stamp of each file, in the order of the torrent. */
  readonly files: readonly (readonly [path: string, size: number, stamp: string])[]
  /** Base64. */
  readonly pieces: string
}

/** Remembers the hashes of one torrent, so that an unchanged folder need not be read again. Never in the way: it is only a help. */
export class HashRecord {
  readonly #file: string

  /** @param folder where records lie; made when it is missing. */
  constructor(folder: string, name: string) {
    this.#file = path.join(folder, `${name}.json`)
  }

  /** The hashes, when they are of exactly these files; undefined otherwise. */
  async recall(files: readonly FolderFile[], pieceLength: number): Promise<Uint8Array | undefined> {
    const text = await readFile(this.#file, 'utf8').catch(() => '{}')
    const recorded = parse(text)
    const isSame =
      recorded.version === 1 &&
      recorded.pieceLength === pieceLength &&
      JSON.stringify(recorded.files) === JSON.stringify(files.map(({ path, size, stamp }) => [path, size, stamp]))
    return isSame && typeof recorded.pieces === 'string' ? Buffer.from(recorded.pieces, 'base64') : undefined
  }

  /** Keeps the hashes, unless a file was changed so lately that its times cannot be trusted. */
  async keep(files: readonly FolderFile[], pieceLength: number, pieces: Uint8Array, now: number): Promise<void> {
    if (files.some((file) => now - changedAt(file) < SETTLED_AFTER_MS)) return
    const recorded: Recorded = {
      version: 1,
      pieceLength,
      files: files.map(({ path, size, stamp }) => [path, size, stamp]),
      pieces: Buffer.from(pieces).toString('base64'),
    }
    await mkdir(path.dirname(this.#file), { recursive: true })
    await writeWhole(this.#file, JSON.stringify(recorded))
  }
}

/** Whatever lies there: the file is the user's to damage. */
function parse(text: string): Partial<Recorded> {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

/** Milliseconds since 1970: the last number of a stamp is the time of the last change, in nanoseconds. */
function changedAt({ stamp }: FolderFile): number {
  return Number(BigInt(stamp.split(' ').at(-1) ?? '0') / 1_000_000n)
}
