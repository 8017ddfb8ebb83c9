import { createHash } from 'node:crypto'
import { lstat, readdir, realpath } from 'node:fs/promises'
import path from 'node:path'

/** How the files of an environment are at one moment. */
export interface Look {
  /** Another one means that something may be different: names, sizes, times and inodes, of which it is a digest. */
  readonly signature: string
  /** Absolute paths of all folders that were looked into. */
  readonly folders: readonly string[]
}

/** Questions to the disk at the same time. */
const BATCH = 64

/**
 * Looks at everything that an environment consists of: its file and `oss/`. What is made of it (`out/`) is not looked at.
 * Nothing is read but names and times, and nothing fails: what cannot be looked at is part of how things are.
 */
export async function lookAt(directory: string, configurationFile: string): Promise<Look> {
  const digest = createHash('sha1')
  const folders = [directory]
  digest.update(await factsOf(path.join(directory, configurationFile)))
  const oss = path.join(directory, 'oss')
  for (const name of await namesIn(oss)) {
    // A system's folder may be a symlink; what lies in it is then found behind that.
    const root = await realpath(path.join(oss, name)).catch(() => path.join(oss, name))
    digest.update(`${name}\0${await factsOf(root)}`)
    const below = await everythingBelow(root)
    folders.push(root, ...below.map((file) => path.dirname(file)))
    for (let at = 0; at < below.length; at += BATCH) {
      for (const facts of await Promise.all(below.slice(at, at + BATCH).map(factsOf))) digest.update(facts)
    }
  }
  return { signature: digest.digest('hex'), folders: [...new Set([oss, ...folders])] }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}

async function everythingBelow(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true }).catch(() => [])
  return names.sort().map((name) => path.join(root, name))
}

async function factsOf(file: string): Promise<string> {
  const facts = await lstat(file, { bigint: true }).catch(() => undefined)
  if (facts === undefined) return `${file}\0gone\0`
  // The times of a folder change with what is made beside the files, an editor's swap file for instance.
  const { size, ino, mtimeNs, ctimeNs, mode } = facts
  return facts.isDirectory() ? `${file}\0folder ${mode}\0` : `${file}\0${size} ${ino} ${mtimeNs} ${ctimeNs}\0`
}
