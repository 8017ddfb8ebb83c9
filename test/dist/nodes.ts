import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../../client/build/cache.ts'

const run = promisify(execFile)

/** The versions of Node that the package is for. */
export const nodeVersions = ['22', '24', '26'] as const

/**
 * Path of the newest Node of a major version, fetched from the package registry once and kept in the cache.
 *
 * @throws when the registry cannot be reached and it has not been fetched before.
 */
export async function nodeOf(version: (typeof nodeVersions)[number]): Promise<string> {
  const kept = path.join(cacheFolder(), 'nodes', version)
  const program = path.join(kept, 'node_modules/node/bin/node')
  if (existsSync(program)) return program
  await mkdir(path.dirname(kept), { recursive: true })
  const folder = await mkdtemp(`${kept}-`)
  try {
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ allowScripts: { node: true } }))
    const words = ['install', '--ignore-scripts=false', '--no-audit', '--no-fund', `node@${version}`]
    await run('npm', words, { cwd: folder })
    // Whoever was faster has made the same.
    await rename(folder, kept).catch((error) => {
      if (!existsSync(program)) throw error
    })
    return program
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
