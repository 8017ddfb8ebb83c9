/** Whether what `start` writes can be written: `out/` and `.boottorrent/` in the environment's folder. */
import path from 'node:path'
import { formatBytes } from '../ui/format.ts'
import { writeError } from '../write-error.ts'
import { type CheckResult, failureOf, ok, warning } from './result.ts'

export interface DiskFacts {
  isFolder(folder: string): Promise<boolean>
  /**
   * Writes some bytes to the disk and removes them again.
   *
   * @throws the system's error
   */
  tryWrite(folder: string): Promise<void>
  /** Bytes that this user can still write there. */
  freeSpace(folder: string): Promise<number>
}

/** Boot files, torrents, leases and the record of hashes; the images of the systems are not copied. */
const NEEDED = 100e6

export async function checkDisk(directory: string, facts: DiskFacts): Promise<CheckResult> {
  for (const name of ['.', 'out', '.boottorrent']) {
    const folder = path.join(directory, name)
    if (name !== '.' && !(await facts.isFolder(folder))) continue
    try {
      await facts.tryWrite(folder)
    } catch (error) {
      return failureOf('disk', writeError(folder, error as NodeJS.ErrnoException))
    }
  }
  const free = await facts.freeSpace(directory)
  const both = `${formatBytes(free)} are free for out/ and leases; ${formatBytes(NEEDED)} are plenty`
  if (free >= NEEDED) return ok('disk', both)
  return warning('disk', both, 'Make room on the disk of the environment.')
}
