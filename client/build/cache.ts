/**
 * Built things, kept outside the checkout under a key made of everything that goes into them.
 *
 * A thing is a folder. It appears under its name in one rename, so that a build that was interrupted leaves nothing
 * that looks whole, and two builds at once do not disturb each other.
 */

import { createHash, randomBytes } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** `BOOTTORRENT_CACHE`, else the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.BOOTTORRENT_CACHE) return env.BOOTTORRENT_CACHE
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'boottorrent')
}

/** SHA-256 of a JSON value, in hexadecimal. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

/** Paths (relative, sorted) and SHA-256 of every file below some folders or files: a key for "these sources". */
export async function digestFiles(root: string, paths: readonly string[]): Promise<[string, string][]> {
  const files: string[] = []
  for (const path of paths) files.push(...(await filesBelow(root, path)))
  return Promise.all(
    files.sort().map(async (path): Promise<[string, string]> => {
      const content = await readFile(join(root, path))
      return [path, createHash('sha256').update(content).digest('hex')]
    }),
  )
}

async function filesBelow(root: string, path: string): Promise<string[]> {
  let entries: { name: string; isDirectory(): boolean }[]
  try {
    entries = await readdir(join(root, path), { withFileTypes: true })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOTDIR') return [path]
    if (code === 'ENOENT') return []
    throw error
  }
  const files: string[] = []
  for (const entry of entries) {
    // Notes for people go into nothing.
    if (entry.name.endsWith('.md')) continue
    const below = join(path, entry.name)
    files.push(...(entry.isDirectory() ? await filesBelow(root, below) : [below]))
  }
  return files
}

export interface Cache {
  /** The folder that holds this thing, made by `make` if it is not there yet. */
  thing(kind: string, inputs: unknown, make: (folder: string) => Promise<void>): Promise<string>
  /** The same without making it. */
  find(kind: string, inputs: unknown): Promise<string | undefined>
}

export function createCache(root: string): Cache {
  const place = (kind: string, inputs: unknown) => join(root, kind, digest(inputs).slice(0, 24))
  const find = async (kind: string, inputs: unknown) => {
    const folder = place(kind, inputs)
    return (await exists(folder)) ? folder : undefined
  }
  return {
    find,
    async thing(kind, inputs, make) {
      const found = await find(kind, inputs)
      if (found !== undefined) return found
      const folder = place(kind, inputs)
      const unfinished = `${folder}.${randomBytes(4).toString('hex')}.new`
      await mkdir(unfinished, { recursive: true })
      try {
        await make(unfinished)
        await rename(unfinished, folder)
      } catch (error) {
        await rm(unfinished, { recursive: true, force: true })
        // Somebody else's build of the same thing came first: theirs is as good.
        if (!(await exists(folder))) throw error
      }
      return folder
    },
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
