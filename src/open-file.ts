/** A boot file on the disk that is open for reading, and is known to stay the one that was opened. */
import type { BigIntStats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { BootFile } from './boot-files.ts'
import { BoottorrentError } from './errors.ts'
import { READING } from './reading.ts'

export class OpenFile {
  readonly size: number
  /** Another one for every file and every change of it. */
  readonly version: string
  readonly #name: string
  readonly #handle: FileHandle

  constructor(file: BootFile, handle: FileHandle, version: string) {
    this.size = file.size
    this.version = version
    this.#name = file.name
    this.#handle = handle
  }

  /**
   * Fills `into` with the bytes from `position` on.
   *
   * @throws BoottorrentError FILE when the file is no longer the one that was opened.
   */
  async read(into: Uint8Array, position: number): Promise<void> {
    let filled = 0
    while (filled < into.length) {
      const { bytesRead } = await this.#handle.read(into, filled, into.length - filled, position + filled)
      if (bytesRead === 0) throw changed(this.#name)
      filled += bytesRead
    }
    // Looked at after the bytes were read: whoever wrote meanwhile has left a mark.
    if (versionOf(await this.#handle.stat({ bigint: true })) !== this.version) throw changed(this.#name)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/**
 * Opens a boot file that is on the disk.
 *
 * @throws BoottorrentError FILE when it is missing, cannot be read, is not a regular file, or has another size than the table says.
 */
export async function openFile(file: BootFile & { readonly path: string }): Promise<OpenFile> {
  const hint = `Check ${file.path}.`
  let handle: FileHandle
  try {
    handle = await open(file.path, READING)
  } catch (cause) {
    throw openError(file, cause as NodeJS.ErrnoException)
  }
  try {
    const stat = await handle.stat({ bigint: true })
    if (!stat.isFile()) throw new BoottorrentError('FILE', `${file.name} is not a regular file.`, { hint })
    if (Number(stat.size) !== file.size) throw changed(file.name)
    return new OpenFile(file, handle, versionOf(stat))
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** That there are no descriptors left has nothing to do with the file. */
function openError({ name, path }: { name: string; path: string }, cause: NodeJS.ErrnoException): BoottorrentError {
  switch (cause.code) {
    case 'EMFILE':
      return new BoottorrentError(
        'FILE',
        `${name} cannot be opened: this process has as many files and connections open as it may.`,
        { hint: 'Raise its limit ("ulimit -n", or LimitNOFILE= of its systemd unit) and start it again.', cause },
      )
    case 'ENFILE':
      return new BoottorrentError('FILE', `${name} cannot be opened: this machine has as many files open as it can.`, {
        hint: 'End programs that hold many files, or raise the limit with "sysctl fs.file-max".',
        cause,
      })
    default:
      return new BoottorrentError('FILE', `${name} cannot be opened.`, { hint: `Check ${path}.`, cause })
  }
}

/** In characters that an entity tag may have. */
function versionOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].map((number) => number.toString(36)).join('-')
}

function changed(name: string): BoottorrentError {
  return new BoottorrentError('FILE', `${name} has changed since it was published.`, {
    hint: 'Start boottorrent again, so that it takes the new file.',
  })
}
