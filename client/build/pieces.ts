/**
 * What the segments are put together from. Each piece is one package's part of the client: a folder in the cache with the files
 * that are used and a line about the licence.
 */

import { copyFile, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'
import { buildAria2 } from './aria2.ts'
import { type Cache, digest, type FileDigest } from './cache.ts'
import { buildKexec, targetAmd64, targetI386 } from './kexec.ts'
import { licenceLine } from './licence.ts'
import type { BinaryPackage, Package } from './package-records.ts'
import type { Resolved } from './packages.ts'
import type { Pool } from './pool.ts'
import type { Progress } from './progress.ts'
import type { Toolchain, Tools } from './toolchain.ts'

/** Everything a piece is made with. */
export interface Workshop {
  readonly resolved: Resolved
  readonly cache: Cache
  readonly pool: Pool
  readonly progress: Progress
  /** A folder for things that are thrown away afterwards. */
  readonly work: string
  readonly tools: Tools
  /** Version of boottorrent. */
  readonly version: string
  /** Unpacks the libraries when something must really be compiled. */
  toolchain(): Promise<Toolchain>
  /** The same for 64-bit programs. */
  toolchain64(): Promise<Toolchain>
  /** Digests of files of the project, for the keys of the cache. */
  sources(...paths: string[]): Promise<FileDigest[]>
}

/** Files of the project changed while something was made of them: what was made belongs to neither key. */
export class SourcesChanged extends BoottorrentError {
  constructor() {
    super('INTERNAL', 'files of the project changed while the client was built', {
      hint: 'Build it again when nobody is editing client/, src/ui or src/initrd.',
    })
  }
}

/** A folder in the cache. `inputs` is what it was made of, for the key of whatever it goes into. */
export interface Piece {
  readonly folder: string
  readonly inputs: unknown
  readonly package: Package
}

/** The copyright file of a piece's package, in the piece's folder. */
const COPYRIGHT = 'copyright'

/** The licence of a piece's package, as one line. */
export async function licenceOf(piece: Piece): Promise<string> {
  return licenceLine(join(piece.folder, COPYRIGHT), piece.package.name)
}

/** `busybox`: shell, DHCP client, modprobe and all the small tools. */
export async function busyboxPiece(shop: Workshop): Promise<Piece> {
  const wanted = shop.resolved.busybox
  return binaryPiece(shop, wanted, [], async (unpacked, folder) => {
    await copyFile(join(unpacked, 'bin/busybox'), join(folder, 'busybox'))
  })
}

/** `kexec`. */
export async function kexecPiece(shop: Workshop): Promise<Piece> {
  return compiledPiece(shop, 'kexec', 'kexec', ['build/kexec.ts'], async (source, _work, folder) => {
    await buildKexec({ source, target: targetI386(await shop.toolchain()), out: join(folder, 'kexec') })
  })
}

/** `kexec` for 64 bit, which is the only one that can start a signed kernel under Secure Boot. */
export async function kexec64Piece(shop: Workshop): Promise<Piece> {
  return compiledPiece(
    shop,
    'kexec',
    'kexec for 64 bit',
    ['build/kexec.ts'],
    async (source, _work, folder) => {
      await buildKexec({ source, target: targetAmd64(await shop.toolchain64()), out: join(folder, 'kexec') })
    },
    [shop.resolved.libraries64, shop.tools.compilers64],
  )
}

/** `aria2c`. */
export async function aria2Piece(shop: Workshop): Promise<Piece> {
  return compiledPiece(
    shop,
    'aria2',
    'aria2 (takes some minutes)',
    ['build/aria2.ts', 'build/aria2.patch'],
    async (source, work, folder) => {
      await buildAria2({ source, work, toolchain: await shop.toolchain(), out: join(folder, 'aria2c') })
    },
  )
}

/** In the piece of the menu: the packages of npm that are in it. */
export const NPM_PACKAGES = 'npm.json'

/** `tui`. */
export async function tuiPiece(shop: Workshop): Promise<Piece> {
  const { buildTui } = await import('../tui/build.ts')
  return compiledPiece(
    shop,
    'quickjs',
    'the menu with QuickJS',
    ['tui', '../src/ui', '../package-lock.json'],
    async (quickjs, work, folder) => {
      const { muslGcc } = await shop.toolchain()
      const packages = await buildTui({ version: shop.version, quickjs, muslGcc, work, out: join(folder, 'tui') })
      await writeFile(join(folder, NPM_PACKAGES), JSON.stringify(packages))
    },
    [shop.version],
  )
}

/**
 * Makes a thing for the cache out of files of the project, and makes sure that they are still those its key is made of.
 *
 * @throws SourcesChanged when they are not
 */
export async function makeFrom(
  shop: Workshop,
  kind: string,
  given: readonly unknown[],
  recipe: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<{ folder: string; inputs: unknown }> {
  const sources = await shop.sources(...recipe)
  const inputs = [...given, sources]
  const folder = await shop.cache.thing(kind, inputs, async (unfinished) => {
    await make(unfinished)
    if (digest(await shop.sources(...recipe)) !== digest(sources)) throw new SourcesChanged()
  })
  return { folder, inputs }
}

/** Makes a piece of what is needed from a binary package. `notes` is the package that its copyright file lies in. */
export async function binaryPiece(
  shop: Workshop,
  wanted: BinaryPackage,
  recipe: readonly string[],
  take: (unpacked: string, folder: string) => Promise<void>,
  notes: BinaryPackage = wanted,
): Promise<Piece> {
  const inputs = [wanted, notes, shop.tools.packers]
  const made = await makeFrom(shop, wanted.name, inputs, ['build/pieces.ts', ...recipe], async (folder) => {
    const unpacked = join(shop.work, wanted.name)
    await shop.pool.unpack(wanted, unpacked)
    if (notes !== wanted) await shop.pool.unpack(notes, unpacked)
    await shop.progress.step(`taking what is needed from ${wanted.name}`, () => take(unpacked, folder))
    await copyFile(join(unpacked, 'usr/share/doc', notes.name, 'copyright'), join(folder, COPYRIGHT))
  })
  return { ...made, package: wanted }
}

async function compiledPiece(
  shop: Workshop,
  name: 'kexec' | 'aria2' | 'quickjs',
  what: string,
  recipe: readonly string[],
  compile: (source: string, work: string, folder: string) => Promise<void>,
  /** What goes in beside packages and files of the project. */
  others: readonly unknown[] = [],
): Promise<Piece> {
  const wanted = shop.resolved[name]
  // Not this file: whatever it does to a compiled program is done by the recipe. aria2 takes minutes.
  const files = ['build/toolchain.ts', ...recipe]
  const made = await makeFrom(
    shop,
    name,
    [wanted, shop.resolved.libraries, shop.tools.compilers, ...others],
    files,
    async (folder) => {
      const work = await mkdtemp(join(shop.work, `${name}-`))
      const source = join(work, 'source')
      await shop.pool.unpack(wanted, source)
      await copyFile(join(source, 'debian/copyright'), join(folder, COPYRIGHT))
      await shop.progress.step(`compiling ${what}`, () => compile(source, work, folder))
    },
  )
  return { ...made, package: wanted }
}
