/** Which shared libraries programs need, and where in an unpacked tree those are: what ld.so(8) will look for. */

import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'
import { run } from './run.ts'

/** A library: its path below the root under the name that programs ask for, and the file that it is. */
export interface SharedLibrary {
  readonly path: string
  readonly file: string
}

/**
 * All libraries that the programs need, directly or through each other.
 *
 * @param root the unpacked tree
 * @param programs paths below it
 * @param folders where libraries are looked for, below it, in this order
 * @throws BoottorrentError FILE when the tree lacks one
 */
export async function sharedLibraries(
  root: string,
  programs: readonly string[],
  folders: readonly string[],
): Promise<SharedLibrary[]> {
  const index = await indexOf(root, folders)
  const found = new Map<string, SharedLibrary>()
  const waiting: string[] = programs.map((program) => join(root, program))
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const name of await neededBy(file)) {
      if (found.has(name)) continue
      const path = index.get(name)
      if (path === undefined) throw missing(name, file.slice(root.length + 1))
      const library = { path, file: await realpath(join(root, path)) }
      found.set(name, library)
      waiting.push(library.file)
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Names of libraries and their paths. What an earlier folder has hides what a later one has. */
async function indexOf(root: string, folders: readonly string[]): Promise<Map<string, string>> {
  const index = new Map<string, string>()
  for (const folder of folders) {
    for (const name of await readdir(join(root, folder)).catch(() => [])) {
      if (!index.has(name)) index.set(name, join(folder, name))
    }
  }
  return index
}

/** The NEEDED entries of a file's dynamic section (System V ABI, "Dynamic Section"). */
async function neededBy(file: string): Promise<string[]> {
  const section = await run('readelf', ['--wide', '--dynamic', file], { env: { ...process.env, LC_ALL: 'C' } })
  return [...section.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1] ?? '')
}

function missing(name: string, needer: string): BoottorrentError {
  return new BoottorrentError('FILE', `${needer} needs ${name}, which is in none of the packages`, {
    hint: 'Add the Debian package that holds it to client/build/hypervisor-packages.ts.',
  })
}
