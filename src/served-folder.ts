import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { BoottorrentError } from './errors.ts'

/** A file of a folder that becomes a torrent, with what tells whether it has changed. */
export interface FolderFile {
  /** Relative to the folder, with forward slashes. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly size: number
  /** Inode and times in nanoseconds: another one means that the content may be another one too. */
  readonly stamp: string
}

/**
 * Lists the files of a folder and of the folders in it, in the order of their names as bytes.
 *
 * Symlinks are followed while they stay inside the folder, for machines get their target's content.
 * @param exclude names, relative to the folder, that stay out.
 * @throws BoottorrentError FILE for what cannot be in a torrent.
 */
export async function listFolder(folder: string, exclude: readonly string[]): Promise<FolderFile[]> {
  const root = await realpath(folder).catch((cause) => {
    throw unreadable(folder, cause)
  })
  const files: FolderFile[] = []
  await walk({ root, excluded: new Set(exclude), files }, root, '', [root])
  return files.sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)))
}

interface Walk {
  /** Real path of the folder. */
  readonly root: string
  readonly excluded: ReadonlySet<string>
  readonly files: FolderFile[]
}

/** @param above real paths of the folders that are being walked, to notice a symlink that leads back into one. */
async function walk(state: Walk, folder: string, prefix: string, above: readonly string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw unreadable(folder, cause)
  })
  for (const entry of entries) {
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    if (state.excluded.has(name)) continue
    const shown = path.join(folder, entry.name)
    const real = entry.isSymbolicLink() ? await follow(state.root, shown) : shown
    const facts = await stat(real, { bigint: true }).catch((cause) => {
      throw unreadable(shown, cause)
    })
    if (facts.isFile()) {
      const stamp = `${facts.ino} ${facts.mtimeNs} ${facts.ctimeNs}`
      state.files.push({ name, path: real, size: Number(facts.size), stamp })
    } else if (facts.isDirectory()) {
      if (above.includes(real)) {
        throw new BoottorrentError('FILE', `The symlink ${shown} leads back into a folder that it lies in`, {
          hint: 'Remove it: the folder would have no end.',
        })
      }
      await walk(state, real, name, [...above, real])
    } else {
      throw new BoottorrentError('FILE', `${shown} is neither a file nor a folder, so machines cannot download it`, {
        hint: 'Remove it from the folder: pipes, sockets and devices have no content to serve.',
      })
    }
  }
}

async function follow(root: string, link: string): Promise<string> {
  const target = await realpath(link).catch((cause) => {
    throw unreadable(link, cause)
  })
  if (target === root || target.startsWith(root + path.sep)) return target
  throw new BoottorrentError('FILE', `The symlink ${link} leads out of its folder, to ${target}`, {
    hint: 'Copy what it points to into the folder, or remove the symlink.',
  })
}

function unreadable(name: string, cause: unknown): BoottorrentError {
  return new BoottorrentError('FILE', `${name} cannot be read`, {
    hint: 'Check that it is there, that its name is valid UTF-8, and that you may read it.',
    cause,
  })
}
