/**
 * A lease file that is written anew beside the old one, piece by piece, while the old one goes on. Only when it has
 * everything does it take the old one's place, so that one of the two is whole at any moment.
 */
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LeaseFile, syncDirectory } from './lease-file.ts'
import { formatLease } from './lease-line.ts'
import type { Lease } from './leases.ts'

/** Lines that are made at once: the event loop is held up for less than a millisecond. */
const PIECE = 500

export class LeaseRewrite {
  readonly #path: string
  readonly #leases: readonly Lease[]
  #file: LeaseFile | undefined
  /** Lines that came since it began. */
  readonly #later: string[] = []

  constructor(path: string, leases: Iterable<Lease>) {
    this.#path = path
    this.#leases = [...leases]
  }

  /** Writes the leases that there were when it began. The old file may be written meanwhile. */
  async copy(): Promise<void> {
    this.#file = await LeaseFile.create(temporaryPath(this.#path))
    for (let start = 0; start < this.#leases.length; start += PIECE) {
      await this.#file.append(this.#leases.slice(start, start + PIECE).map(formatLease))
    }
    // Most of it is on the disk before anybody has to wait for the rest.
    await this.#file.sync()
  }

  /** Takes lines that are written to the old file since it began. */
  follow(lines: readonly string[]): void {
    for (const line of lines) this.#later.push(line)
  }

  /** Takes the old file's place and answers the open file. The old one must not be written meanwhile. */
  async takePlace(): Promise<LeaseFile> {
    const file = this.#file
    if (file === undefined) throw new Error('nothing was copied')
    await file.append(this.#later)
    await file.sync()
    await rename(temporaryPath(this.#path), this.#path)
    // From here on it is the lease file, even when the folder refuses: whoever asks for it by its name gets this one.
    await syncDirectory(dirname(this.#path)).catch(() => {})
    return file
  }

  /** Leaves the old file as it is. */
  async abandon(): Promise<void> {
    await this.#file?.close().catch(() => {})
    await removeUnfinished(this.#path).catch(() => {})
  }
}

/** Removes what a crash left of a rewrite: the file itself is whole. */
export async function removeUnfinished(path: string): Promise<void> {
  await rm(temporaryPath(path), { force: true })
}

function temporaryPath(path: string): string {
  return `${path}.new`
}
