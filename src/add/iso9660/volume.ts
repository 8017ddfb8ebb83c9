/**
 * Reads ISO 9660 images (ECMA-119): names by Rock Ridge (IEEE P1282) or Joliet where the image has them. Only folders that
 * are asked for are read, so a hostile image can neither loop nor swell: every size is checked against the file's.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { BoottorrentError } from '../../errors.ts'
import { type IsoEntry, readDirectory } from './directory.ts'

export const SECTOR = 2048
const FIRST_DESCRIPTOR = 16
const MOST_DESCRIPTORS = 64
/** A folder with a hundred thousand files has about this size. */
const LARGEST_DIRECTORY = 16 * 1024 * 1024
const MOST_SYMLINKS = 16
const READ_BYTES = 1024 * 1024

/** Descriptor types of ECMA-119, section 8. */
const PRIMARY = 1
const SUPPLEMENTARY = 2
const TERMINATOR = 255

export class IsoVolume implements AsyncDisposable {
  readonly path: string
  /** What the image calls itself. */
  readonly label: string
  readonly #file: FileHandle
  readonly #size: number
  readonly #root: IsoEntry
  readonly #isJoliet: boolean
  readonly #directories = new Map<number, readonly IsoEntry[]>()

  private constructor(path: string, file: FileHandle, size: number, found: Found) {
    this.path = path
    this.#file = file
    this.#size = size
    this.label = found.label
    this.#root = found.root
    this.#isJoliet = found.isJoliet
  }

  /** @throws BoottorrentError FORMAT when it is no such image or is damaged */
  static async open(path: string): Promise<IsoVolume> {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      return new IsoVolume(path, file, size, await findRoot(file, path))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }

  /** The entries of a folder; undefined when there is no such folder. Names are compared without their case. */
  async list(path: string): Promise<readonly IsoEntry[] | undefined> {
    const entry = await this.find(path)
    return entry?.type === 'directory' ? this.#entriesOf(entry) : undefined
  }

  /** The file or folder at a path from the root, symbolic links followed; undefined when there is none. */
  find(path: string): Promise<IsoEntry | undefined> {
    return this.#walk(path.split('/'), MOST_SYMLINKS)
  }

  /** The bytes of a file, piece by piece. */
  async *read(entry: IsoEntry): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { sector, length } of entry.extents) {
      for (let at = 0; at < length; at += READ_BYTES) {
        yield await this.#readAt(sector * SECTOR + at, Math.min(READ_BYTES, length - at))
      }
    }
  }

  /** A file that should be small. Undefined when it is not there, no file, or longer than `limit` bytes. */
  async text(path: string, limit: number): Promise<string | undefined> {
    const entry = await this.find(path)
    if (entry?.type !== 'file' || entry.size > limit) return undefined
    const parts: Uint8Array[] = []
    for await (const part of this.read(entry)) parts.push(part)
    return Buffer.concat(parts).toString('utf8')
  }

  async #walk(parts: readonly string[], symlinks: number): Promise<IsoEntry | undefined> {
    const trail = [this.#root]
    for (const [index, part] of parts.entries()) {
      if (part === '' || part === '.') continue
      if (part === '..') {
        if (trail.length > 1) trail.pop()
        continue
      }
      const entry = await this.#childOf(trail.at(-1) as IsoEntry, part)
      if (entry === undefined) return undefined
      if (entry.type === 'symlink') {
        if (symlinks === 0) return undefined
        const rest = parts.slice(index + 1)
        const base = entry.target.startsWith('/') ? [] : trail.slice(1).map(({ name }) => name)
        return this.#walk([...base, ...entry.target.split('/'), ...rest], symlinks - 1)
      }
      trail.push(entry)
    }
    return trail.at(-1)
  }

  async #childOf(folder: IsoEntry, name: string): Promise<IsoEntry | undefined> {
    if (folder.type !== 'directory') return undefined
    const entries = await this.#entriesOf(folder)
    const lower = name.toLowerCase()
    return entries.find((entry) => entry.name === name) ?? entries.find((entry) => entry.name.toLowerCase() === lower)
  }

  async #entriesOf(folder: IsoEntry): Promise<readonly IsoEntry[]> {
    const [extent] = folder.extents
    if (extent === undefined) return []
    const known = this.#directories.get(extent.sector)
    if (known !== undefined) return known
    if (extent.length > LARGEST_DIRECTORY) throw damaged(this.path, `a folder claims to have ${extent.length} bytes`)
    const bytes = await this.#readAt(extent.sector * SECTOR, extent.length)
    const continuation = (sector: number, offset: number, length: number) =>
      this.#readAt(sector * SECTOR + offset, length)
    const entries = await readDirectory(bytes, { isJoliet: this.#isJoliet, continuation })
    this.#directories.set(extent.sector, entries)
    return entries
  }

  async #readAt(offset: number, length: number): Promise<Buffer> {
    if (offset + length > this.#size) throw damaged(this.path, 'it ends before its content does')
    const bytes = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#file.read(bytes, filled, length - filled, offset + filled)
      if (bytesRead === 0) throw damaged(this.path, 'it became shorter while it was read')
      filled += bytesRead
    }
    return bytes
  }
}

interface Found {
  readonly label: string
  readonly root: IsoEntry
  readonly isJoliet: boolean
}

/** Rock Ridge lies in the primary tree, and says more than Joliet; without it Joliet's long names are better. */
async function findRoot(file: FileHandle, path: string): Promise<Found> {
  let primary: Found | undefined
  let joliet: Found | undefined
  for (let index = 0; index < MOST_DESCRIPTORS; index += 1) {
    const bytes = Buffer.alloc(SECTOR)
    const { bytesRead } = await file.read(bytes, 0, SECTOR, (FIRST_DESCRIPTOR + index) * SECTOR)
    if (bytesRead < SECTOR || bytes.toString('latin1', 1, 6) !== 'CD001') break
    const type = bytes[0]
    if (type === TERMINATOR) break
    if (type === PRIMARY) primary ??= descriptor(bytes, false)
    // Section 8.5.6 and Joliet: these escape sequences announce names in UCS-2.
    if (type === SUPPLEMENTARY && /^%\/[@CE]/.test(bytes.toString('latin1', 88, 91))) joliet ??= descriptor(bytes, true)
  }
  if (primary === undefined) throw damaged(path, 'it has no volume descriptor')
  if (joliet === undefined || (await hasRockRidge(file, primary.root))) return primary
  return { ...joliet, label: primary.label }
}

function descriptor(bytes: Buffer, isJoliet: boolean): Found {
  const extents = [{ sector: bytes.readUInt32LE(156 + 2), length: bytes.readUInt32LE(156 + 10) }]
  const root: IsoEntry = { name: '', type: 'directory', target: '', extents, size: extents[0]?.length ?? 0 }
  return { label: bytes.toString('latin1', 40, 72).trim(), root, isJoliet }
}

/** SUSP 5.3: the first record of the root has an SP field in its system use area. */
async function hasRockRidge(file: FileHandle, root: IsoEntry): Promise<boolean> {
  const bytes = Buffer.alloc(256)
  await file.read(bytes, 0, bytes.length, (root.extents[0]?.sector ?? 0) * SECTOR)
  return bytes.toString('latin1', 34, 36) === 'SP'
}

export function damaged(path: string, why: string): BoottorrentError {
  return new BoottorrentError('FORMAT', `The image ${path} is damaged or not whole: ${why}.`, {
    hint: 'Download it again and compare its checksum.',
  })
}
