/**
 * Built things, kept outside the checkout under a key made of everything that goes into them.
 *
 * A thing is a folder. It appears under its name in one rename, so that a build that was interrupted leaves nothing
 * that looks whole. Of two builds at once, one makes it and the other waits.
 */

import { createHash, randomBytes } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { withLock } from './lock.ts'

/** `BOOTTORRENT_CACHE`, else the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.BOOTTORRENT_CACHE) return env.BOOTTORRENT_CACHE
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'boottorrent')
}

/** SHA-256 of a JSON value, in hexadecimal. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

/** One file of a key: its path, whether it may be executed, the SHA-256 of its content. */
export type FileDigest = readonly [path: string, executable: boolean, sha256: string]

/** Every file below some folders (or a file itself), by path: a key for "these sources". What is not there adds nothing. */
export async function digestFiles(root: string, paths: readonly string[]): Promise<FileDigest[]> {
  const files: string[] = []
  for (const path of paths) files.push(...(await filesBelow(root, path)))
  return Promise.all(
    files.sort().map(async (path): Promise<FileDigest> => {
      const file = join(root, path)
      const content = await readFile(file)
      const { mode } = await stat(file)
      return [path, (mode & 0o100) !== 0, createHash('sha256').update(content).digest('hex')]
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

/** `waiting` hears of things that somebody else is making at this moment. */
export function createCache(root: string, waiting: (kind: string) => void = () => {}): Cache {
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
      const build = async () => {
        // Whoever held the lock before may have made it.
        if (!(await exists(folder))) await makeFolder(folder, make)
        return folder
      }
      return withLock(`${folder}.lock`, build, () => waiting(kind))
    },
  }
}

/** Makes a folder under another name and gives it its own when it is whole. */
async function makeFolder(folder: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  const unfinished = `${folder}.${randomBytes(4).toString('hex')}.new`
  await mkdir(unfinished, { recursive: true })
  try {
    await make(unfinished)
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Somebody took the lock over while this process was suspended, and has made the same thing.
    if (!isThere(error)) throw error
  }
}

/** A rename onto a folder that is not empty. */
function isThere(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException
  return syscall === 'rename' && (code === 'EEXIST' || code === 'ENOTEMPTY')
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
