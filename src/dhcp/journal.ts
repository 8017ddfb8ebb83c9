/**
 * Leases on the disk: a file of lines, one JSON object for each lease that was given, prolonged or ended; the last line
 * about an address counts. Lines that come in while the disk is busy are written and synced together. The file is
 * rewritten when most of its lines are outdated.
 */
import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BoottorrentError } from '../errors.ts'
import type { Log } from '../log.ts'
import { formatAddress, parseAddress } from './address.ts'
import type { Lease } from './leases.ts'

interface Waiting {
  readonly line: string
  readonly done: () => void
  readonly failed: (reason: unknown) => void
}

/** A file is rewritten when it has this many lines and four times as many as there are leases. */
const COMPACT_FROM_LINES = 2_000

export class Journal {
  readonly #path: string
  #file: FileHandle
  /** Length in bytes up to which the file is known to be whole. */
  #size: number
  #lines: number
  #waiting: Waiting[] = []
  /** How often the disk was asked to make lines last. */
  syncs = 0
  #writing: Promise<void> | undefined
  readonly #snapshot: () => Iterable<Lease>

  constructor(path: string, file: FileHandle, size: number, lines: number, snapshot: () => Iterable<Lease>) {
    this.#path = path
    this.#file = file
    this.#size = size
    this.#lines = lines
    this.#snapshot = snapshot
  }

  /**
   * Opens the file, or makes it, and hands every lease in it to `take`. A last line that was torn by a crash is cut off;
   * lines that cannot be read are left out and counted in the log.
   */
  static async open(
    path: string,
    options: { take: (lease: Lease) => void; snapshot: () => Iterable<Lease>; log: Log },
  ): Promise<Journal> {
    try {
      await mkdir(dirname(path), { recursive: true })
      const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return Buffer.alloc(0)
        throw error
      })
      const size = bytes.lastIndexOf(0x0a) + 1
      const lines = bytes.toString('utf8', 0, size).split('\n').slice(0, -1)
      let unreadable = 0
      for (const line of lines) {
        const lease = parseLease(line)
        if (lease === undefined) unreadable += 1
        else options.take(lease)
      }
      if (unreadable > 0) {
        const message = `${unreadable} of ${lines.length} lines of the lease file ${path} cannot be read and are left out`
        options.log({ level: 'warn', event: 'dhcp.leases-damaged', message, unreadable })
      }
      const file = await open(path, 'a', 0o644)
      if (size < bytes.length) {
        await file.truncate(size)
        const message = `The last line of the lease file ${path} was not written to its end and is left out`
        options.log({ level: 'info', event: 'dhcp.leases-repaired', message })
      }
      await file.sync()
      await syncDirectory(dirname(path))
      return new Journal(path, file, size, lines.length, options.snapshot)
    } catch (cause) {
      throw new BoottorrentError('FILE', `The lease file ${path} cannot be opened`, {
        hint: 'Is it a file, and may this user write it?',
        cause,
      })
    }
  }

  /** Writes a lease down; done when it is on the disk. */
  append(lease: Lease): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line: formatLease(lease), done, failed })
      this.#writing ??= this.#writeAll()
    })
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#write(batch.map(({ line }) => line).join(''))
        this.#lines += batch.length
        for (const { done } of batch) done()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
      await this.#compactIfLong()
    }
    this.#writing = undefined
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#file.appendFile(text)
      await this.#file.datasync()
      this.syncs += 1
      this.#size += Buffer.byteLength(text)
    } catch (error) {
      // A full disk may have taken half of it: the next line must not follow that.
      await this.#file.truncate(this.#size).catch(() => {})
      throw error
    }
  }

  /** Writes the leases anew beside the file and puts that in its place, so that one of the two is always whole. */
  async #compactIfLong(): Promise<void> {
    if (this.#lines < COMPACT_FROM_LINES) return
    const leases = [...this.#snapshot()]
    if (this.#lines < leases.length * 4) return
    const text = leases.map(formatLease).join('')
    const temporary = `${this.#path}.new`
    try {
      const file = await open(temporary, 'w', 0o644)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.#path)
      await syncDirectory(dirname(this.#path))
      const before = this.#file
      this.#file = await open(this.#path, 'a', 0o644)
      this.#size = Buffer.byteLength(text)
      this.#lines = leases.length
      await before.close()
    } catch {
      // The long file is as good as before; it is tried again after as many lines.
      this.#lines = 0
    }
  }
}

/** A new name in a folder is on the disk only when the folder is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

export function formatLease({ address, mac, hostname, expires }: Lease): string {
  const until = expires === Number.POSITIVE_INFINITY ? 'never' : expires
  return `${JSON.stringify({ address: formatAddress(address), mac, hostname, expires: until })}\n`
}

export function parseLease(line: string): Lease | undefined {
  let value: Record<string, unknown>
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { mac, hostname } = value
  const address = typeof value.address === 'string' ? parseAddress(value.address) : undefined
  const expires = value.expires === 'never' ? Number.POSITIVE_INFINITY : value.expires
  if (address === undefined || typeof mac !== 'string') return undefined
  if (typeof expires !== 'number' || Number.isNaN(expires)) return undefined
  if (hostname !== undefined && typeof hostname !== 'string') return undefined
  return { address, mac, hostname, expires }
}
