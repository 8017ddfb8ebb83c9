/** The packages of firmware that a build was asked to add: Debian's by name, others as .deb files. */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'
import { type Apt, createApt } from './apt.ts'
import { digest } from './cache.ts'
import { type BinaryPackage, binaryFrom } from './package-records.ts'
import { createPool } from './pool.ts'
import type { Progress } from './progress.ts'
import { recorded } from './record.ts'
import { run } from './run.ts'
import { findMirror } from './sources.ts'

export interface FirmwarePackage {
  readonly package: BinaryPackage
  /** Unpacks its files into `folder`. */
  unpack(folder: string): Promise<void>
}

/** The release whose kernels ask for the files. Since this one, firmware has a component of its own. */
const RELEASE = 'bookworm'
const COMPONENTS = ['main', 'non-free-firmware']

export interface FirmwareOptions {
  /** Names of packages of Debian, and paths that end in `.deb`. */
  readonly wanted: readonly string[]
  /** Folder of the client's cache. */
  readonly root: string
  readonly progress: Progress
  readonly update: boolean
}

/**
 * Finds the packages, by name as they lie in the record or in the archive.
 *
 * @throws BoottorrentError FILE when the archive has no such package or a file cannot be read.
 */
export async function firmwarePackages({
  wanted,
  root,
  progress,
  update,
}: FirmwareOptions): Promise<FirmwarePackage[]> {
  const files = wanted.filter(isFile)
  const names = [...new Set(wanted.filter((word) => !isFile(word)))].sort()
  const archive = once(() => openArchive(join(root, 'apt', 'firmware'), progress))
  const pool = createPool({ folder: join(root, 'pool'), archiveOf: archive, progress })
  const ask = async () => {
    const apt = await archive()
    return progress.step(`asking the Debian archive for ${names.join(', ')}`, async () => {
      await apt.update()
      return apt.binaries(names, 'amd64')
    })
  }
  const file = join(root, 'resolved', `firmware-${digest(names).slice(0, 16)}.json`)
  const waiting = () => progress.note('another build is asking the Debian archive for firmware; waiting for it')
  const known = names.length === 0 ? [] : await recorded({ file, update, ask, waiting })
  return [
    ...known.map((found) => ({ package: found, unpack: (folder: string) => pool.unpack(found, folder) })),
    ...(await Promise.all(files.map(localPackage))),
  ]
}

function isFile(word: string): boolean {
  return word.endsWith('.deb')
}

/** A package for all architectures is one of each. */
async function openArchive(root: string, progress: Progress): Promise<Apt> {
  const mirror = await findMirror()
  return createApt({ root, release: RELEASE, components: COMPONENTS, architectures: ['amd64'], mirror, progress })
}

async function localPackage(file: string): Promise<FirmwarePackage> {
  const path = resolve(file)
  const content = await readFile(path).catch((cause) => {
    throw new BoottorrentError('FILE', `the package ${path} cannot be read`, {
      cause,
      hint: 'Give the path of a .deb file, or the name of a Debian package: --firmware firmware-realtek.',
    })
  })
  const hint = `Is ${basename(path)} a whole Debian package? "dpkg-deb --info" shows what is in one.`
  const fields = await run('dpkg-deb', ['--field', path], { hint })
  const sha256 = createHash('sha256').update(content).digest('hex')
  return {
    package: binaryFrom(`${fields.trim()}\nSize: ${content.length}\nSHA256: ${sha256}\n`),
    unpack: async (folder) => void (await run('dpkg-deb', ['-x', path, folder], { hint })),
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
