import { BoottorrentError } from '../errors.ts'
import { TRAILER } from './header.ts'
import type { EntryType, InitrdEntry } from './index.ts'

/** The kernel skips names and symlink targets that are longer, the closing NUL included. */
export const PATH_MAXIMUM = 4096

/**
 * The names an archive has so far. The kernel creates entries in the order of the archive and silently drops what it
 * cannot create, so everything it would drop is refused here.
 */
export class Tree {
  readonly #kinds = new Map<string, EntryType>()
  readonly #implied = new Set<string>()

  /**
   * Notes an entry.
   * @returns the directories that must come before it, outermost first; undefined when the archive already has this
   *   very directory, because something inside it came first.
   * @throws BoottorrentError FORMAT for a name that cannot be, or is there already.
   */
  add(entry: InitrdEntry): string[] | undefined {
    const { path, type = 'file' } = entry
    checkName(path)
    if (this.#implied.has(path) && type === 'directory') {
      this.#implied.delete(path)
      if (entry.mode === undefined || entry.mode === 0o755) return undefined
      throw new BoottorrentError('FORMAT', `The directory ${path} comes after something that lies in it`, {
        hint: 'List a directory with a mode of its own before its content.',
      })
    }
    if (this.#kinds.has(path)) {
      throw new BoottorrentError('FORMAT', `${path} is in the initrd twice`, { hint: 'Leave one of the two out.' })
    }
    const missing = this.#addParents(path)
    this.#kinds.set(path, type)
    return missing
  }

  #addParents(path: string): string[] {
    const missing: string[] = []
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash)
      const kind = this.#kinds.get(parent)
      if (kind === undefined) {
        this.#kinds.set(parent, 'directory')
        this.#implied.add(parent)
        missing.push(parent)
      } else if (kind !== 'directory') {
        throw new BoottorrentError('FORMAT', `${path} lies in ${parent}, which is a ${kind} and no directory`, {
          hint: 'Give one of the two another name.',
        })
      }
    }
    return missing
  }
}

function checkName(path: string): void {
  const reason = whyNameIsBad(path)
  if (reason === undefined) return
  throw new BoottorrentError(
    'FORMAT',
    `The name ${JSON.stringify(path.slice(0, 200))} cannot be in an initrd: ${reason}`,
    {
      hint: 'Names are relative to the root and plain, as etc/hostname.',
    },
  )
}

function whyNameIsBad(path: string): string | undefined {
  if (path === '') return 'it is empty'
  if (path.includes('\0')) return 'it has a NUL character'
  if (path.startsWith('/')) return 'it begins with a slash'
  if (path === TRAILER) return 'it marks the end of an archive'
  if (!path.isWellFormed()) return 'it is not valid Unicode'
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    return 'it has an empty, . or .. part'
  if (Buffer.byteLength(path) >= PATH_MAXIMUM) return `it is longer than ${PATH_MAXIMUM - 1} bytes`
  return undefined
}
