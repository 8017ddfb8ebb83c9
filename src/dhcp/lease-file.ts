/** The file of leases: lines are read once, and then only added. */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Log } from '../log.ts'
import { parseLease } from './lease-line.ts'
import type { Lease } from './leases.ts'

/** Every write goes to the end, also after a failed one was cut off. */
const APPENDING = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND
const MODE = 0o644

export class LeaseFile {
  readonly #file: FileHandle
  /** Length in bytes up to which the file is known to be whole. */
  #size: number
  #lines: number
  /** A part of a refused line may stand at the end. */
  #isTorn = false

  private constructor(file: FileHandle, size: number, lines: number) {
    this.#file = file
    this.#size = size
    this.#lines = lines
  }

  /** An empty file, whatever was there. */
  static async create(path: string): Promise<LeaseFile> {
    return new LeaseFile(await open(path, APPENDING | constants.O_TRUNC, MODE), 0, 0)
  }

  /**
   * Opens the file, or makes it, and hands every lease in it to `take`. A last line that was torn by a crash is cut off;
   * lines that cannot be read are left out and counted in the log.
   */
  static async open(path: string, take: (lease: Lease) => void, log: Log): Promise<LeaseFile> {
    await mkdir(dirname(path), { recursive: true })
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0)
      throw error
    })
    const size = bytes.lastIndexOf(0x0a) + 1
    const lines = bytes.toString('utf8', 0, size).split('\n').slice(0, -1)
    const leases = lines.flatMap((line) => parseLease(line) ?? [])
    for (const lease of leases) take(lease)
    const unreadable = lines.length - leases.length
    if (unreadable > 0) {
      const message = `${unreadable} of ${lines.length} lines of the lease file ${path} cannot be read and are left out`
      log({ level: 'warn', event: 'dhcp.leases-damaged', message, unreadable })
    }
    const file = await open(path, APPENDING, MODE)
    if (size < bytes.length) {
      await file.truncate(size)
      const message = `The last line of the lease file ${path} was not written to its end and is left out`
      log({ level: 'info', event: 'dhcp.leases-repaired', message })
    }
    await file.sync()
    await syncDirectory(dirname(path))
    return new LeaseFile(file, size, lines.length)
  }

  get lines(): number {
    return this.#lines
  }

  /** Adds lines; when it fails, none of them is there. */
  async append(lines: readonly string[]): Promise<void> {
    const text = (this.#isTorn ? '\n' : '') + lines.join('')
    try {
      await this.#file.appendFile(text)
      this.#size += Buffer.byteLength(text)
      this.#lines += lines.length
      this.#isTorn = false
    } catch (error) {
      await this.#cutOff()
      throw error
    }
  }

  /** Done when everything is on the disk. */
  async sync(): Promise<void> {
    await this.#file.datasync()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** A full disk may have taken half of a line: the next one must not follow that. */
  async #cutOff(): Promise<void> {
    try {
      await this.#file.truncate(this.#size)
    } catch {
      this.#isTorn = true
    }
  }
}

/** A new name in a folder is on the disk only when the folder is. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
