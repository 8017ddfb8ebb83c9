/** Downloaded packages, kept by name and version and checked against the archive's SHA-256 whenever they are used. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { BoottorrentError } from '../../src/errors.ts'
import type { Apt } from './apt.ts'
import type { Package } from './package-records.ts'
import type { Progress } from './progress.ts'
import { run } from './run.ts'

export interface Pool {
  /** Unpacks a package into `folder`: a binary package's files, or a source package's tree. */
  unpack(wanted: Package, folder: string): Promise<void>
}

export interface PoolOptions {
  readonly folder: string
  /** Opens the archive of a package when it must be fetched; a build from the cache never does. */
  readonly archiveOf: (wanted: Package) => Promise<Apt>
  readonly progress: Progress
}

export function createPool({ folder, archiveOf, progress }: PoolOptions): Pool {
  async function fetch(wanted: Package): Promise<string> {
    const place = join(folder, `${wanted.name}_${wanted.version}_${architectureOf(wanted)}`.replaceAll(':', '%3a'))
    if (await whole(wanted, place)) return place
    const unfinished = `${place}.${process.pid}.new`
    await mkdir(unfinished, { recursive: true })
    try {
      const archive = await archiveOf(wanted)
      await progress.step(`fetching ${wanted.name} ${wanted.version}`, () => archive.download(wanted, unfinished))
      if (!(await whole(wanted, unfinished))) throw changed(wanted)
      await rm(place, { recursive: true, force: true })
      await rename(unfinished, place)
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
    return place
  }

  return {
    async unpack(wanted, target) {
      const place = await fetch(wanted)
      const names = await readdir(place)
      const file = (suffix: string) => join(place, names.find((name) => name.endsWith(suffix)) ?? '')
      if (wanted.kind === 'binary') await run('dpkg-deb', ['-x', file('.deb'), target])
      // apt has checked the files against the signed index; the uploader's own key need not be known here.
      else await run('dpkg-source', ['--no-check', '--no-copy', '-x', file('.dsc'), target])
    },
  }
}

function architectureOf(wanted: Package): string {
  return wanted.kind === 'source' ? 'source' : wanted.architecture
}

/** Whether every file of the package is there with the right bytes. */
async function whole(wanted: Package, place: string): Promise<boolean> {
  const names = await readdir(place).catch(() => [])
  const expected = wanted.kind === 'source' ? wanted.files.map((file) => file.sha256) : [wanted.sha256]
  const found = new Set(await Promise.all(names.map((name) => sha256(join(place, name)))))
  return expected.length > 0 && expected.every((hash) => found.has(hash))
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function changed(wanted: Package): BoottorrentError {
  return new BoottorrentError(
    'FORMAT',
    `what was fetched as ${wanted.name} ${wanted.version} is not what the record says`,
    {
      hint: 'Look at the archive again: npm run build:client -- --update.',
    },
  )
}
