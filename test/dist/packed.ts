import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')

/** What the host package needs besides the client: packed from what is installed here, so that nothing is fetched. */
const dependencies = ['commander', 'yaml']

/** The two packages as npm would publish them, installed into an empty folder. */
export interface Installation {
  /** Folder with node_modules. */
  readonly folder: string
  /** Bytes of each tarball. */
  readonly tarballs: { readonly host: number; readonly client: number }
  readonly hostTarball: string
  /** What npm runs as `boottorrent`. */
  readonly program: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Packs and installs, without a network and without install scripts. */
export async function installPacked(): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-packed-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const tarballs = path.join(folder, 'tarballs')
    await mkdir(tarballs)
    const sources = [
      root,
      path.join(root, 'client'),
      ...dependencies.map((name) => path.join(root, 'node_modules', name)),
    ]
    const names: string[] = []
    for (const source of sources) names.push(await pack(source, tarballs))
    const [host = '', client = ''] = names
    const empty = path.join(folder, 'empty')
    await mkdir(empty)
    await writeFile(path.join(empty, 'package.json'), '{ "private": true }\n')
    const words = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...names]
    await run('npm', words, { cwd: empty })
    return {
      folder: empty,
      tarballs: { host: (await stat(host)).size, client: (await stat(client)).size },
      hostTarball: host,
      program: path.join(empty, 'node_modules/boottorrent/dist/boottorrent.js'),
      [Symbol.asyncDispose]: remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Everything is built already: the suite's set-up has done it. */
async function pack(source: string, destination: string): Promise<string> {
  const words = ['pack', source, '--ignore-scripts', '--json', '--pack-destination', destination]
  const { stdout } = await run('npm', words, { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>)
  if (!packed) throw new Error(`npm packed nothing of ${source}`)
  return path.join(destination, packed.filename)
}
