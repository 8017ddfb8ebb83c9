/**
 * What the segments are put together from. Each piece is one package's part of the client: a folder in the cache with the files
 * that are used and a line about the licence.
 */

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BinaryPackage, Package } from './apt.ts'
import { buildAria2 } from './aria2.ts'
import type { Cache } from './cache.ts'
import { buildKexec } from './kexec.ts'
import { binaryLicence, sourceLicence } from './licence.ts'
import { collectModules } from './modules.ts'
import type { Resolved } from './packages.ts'
import type { Pool } from './pool.ts'
import type { Progress } from './progress.ts'
import type { Toolchain } from './toolchain.ts'

export type Flavour = '686' | 'amd64'

/** Everything a piece is made with. */
export interface Workshop {
  readonly resolved: Resolved
  readonly cache: Cache
  readonly pool: Pool
  readonly progress: Progress
  /** A folder for things that are thrown away afterwards. */
  readonly work: string
  /** Versions of the compilers and packers of this machine. */
  readonly tools: readonly string[]
  /** Unpacks the libraries when something must really be compiled. */
  toolchain(): Promise<Toolchain>
  /** Digests of files of the project, for the keys of the cache. */
  sources(...paths: string[]): Promise<[string, string][]>
}

/** A folder in the cache. `inputs` is what it was made of, for the key of whatever it goes into. */
export interface Piece {
  readonly folder: string
  readonly inputs: unknown
  readonly package: Package
}

const LICENCE = 'licence.txt'

/** The licence of a piece's package, as one line. */
export async function licenceOf(piece: Piece): Promise<string> {
  return (await readFile(join(piece.folder, LICENCE), 'utf8')).trim()
}

/** `busybox`: shell, DHCP client, modprobe and all the small tools. */
export async function busyboxPiece(shop: Workshop): Promise<Piece> {
  const wanted = shop.resolved.busybox
  return binaryPiece(shop, wanted, ['build/pieces.ts'], async (unpacked, folder) => {
    await copyFile(join(unpacked, 'bin/busybox'), join(folder, 'busybox'))
  })
}

/** `ipxe.pxe` for BIOS, with drivers of its own, and `snponly.efi` for UEFI x64, which uses the firmware's. */
export async function loaderPiece(shop: Workshop): Promise<Piece> {
  return binaryPiece(shop, shop.resolved.ipxe, ['build/pieces.ts'], async (unpacked, folder) => {
    for (const name of ['ipxe.pxe', 'snponly.efi'])
      await copyFile(join(unpacked, 'usr/lib/ipxe', name), join(folder, name))
  })
}

/** `vmlinuz` and `modules/`, the common drivers as they will lie in the initrd. */
export async function kernelPiece(shop: Workshop, flavour: Flavour): Promise<Piece> {
  const wanted = shop.resolved.kernels[flavour]
  const release = kernelRelease(wanted)
  return binaryPiece(shop, wanted, ['build/pieces.ts', 'build/modules.ts'], async (unpacked, folder) => {
    await copyFile(join(unpacked, 'boot', `vmlinuz-${release}`), join(folder, 'vmlinuz'))
    const modules = join(folder, 'modules')
    await mkdir(modules)
    const missing = await collectModules(unpacked, release, modules)
    if (missing.length > 0) shop.progress.note(`kernel ${release} has no ${missing.join(', ')}`)
  })
}

/** As `uname -r` says it: the package's name after `linux-image-`. */
export function kernelRelease(wanted: BinaryPackage): string {
  return wanted.name.replace(/^linux-image-/, '')
}

/** `kexec`. */
export async function kexecPiece(shop: Workshop): Promise<Piece> {
  return compiledPiece(shop, 'kexec', ['build/kexec.ts'], async (source, _work, folder) => {
    await buildKexec({ source, toolchain: await shop.toolchain(), out: join(folder, 'kexec') })
  })
}

/** `aria2c`. */
export async function aria2Piece(shop: Workshop): Promise<Piece> {
  return compiledPiece(shop, 'aria2', ['build/aria2.ts'], async (source, work, folder) => {
    await buildAria2({ source, work, toolchain: await shop.toolchain(), out: join(folder, 'aria2c') })
  })
}

/** `tui`. */
export async function tuiPiece(shop: Workshop): Promise<Piece> {
  const { buildTui } = await import('../tui/build.ts')
  return compiledPiece(shop, 'quickjs', ['tui', '../src/ui', '../package-lock.json'], async (quickjs, work, folder) => {
    const { muslGcc } = await shop.toolchain()
    await buildTui({ quickjs, muslGcc, work, out: join(folder, 'tui') })
  })
}

async function binaryPiece(
  shop: Workshop,
  wanted: BinaryPackage,
  recipe: readonly string[],
  take: (unpacked: string, folder: string) => Promise<void>,
): Promise<Piece> {
  const inputs = [wanted, shop.tools, await shop.sources(...recipe)]
  const folder = await shop.cache.thing(wanted.name, inputs, async (folder) => {
    const unpacked = join(shop.work, wanted.name)
    await shop.pool.unpack(wanted, unpacked)
    await shop.progress.step(`taking what is needed from ${wanted.name}`, () => take(unpacked, folder))
    await writeFile(join(folder, LICENCE), await binaryLicence(unpacked, wanted.name))
  })
  return { folder, inputs, package: wanted }
}

async function compiledPiece(
  shop: Workshop,
  name: 'kexec' | 'aria2' | 'quickjs',
  recipe: readonly string[],
  compile: (source: string, work: string, folder: string) => Promise<void>,
): Promise<Piece> {
  const wanted = shop.resolved[name]
  const common = ['build/pieces.ts', 'build/toolchain.ts', 'build/run.ts']
  const inputs = [wanted, shop.resolved.libraries, shop.tools, await shop.sources(...common, ...recipe)]
  const folder = await shop.cache.thing(name, inputs, async (folder) => {
    const work = join(shop.work, name)
    const source = join(work, 'source')
    await mkdir(work)
    await shop.pool.unpack(wanted, source)
    await writeFile(join(folder, LICENCE), await sourceLicence(source, wanted.name))
    await shop.progress.step(`compiling ${name} ${wanted.version}`, () => compile(source, work, folder))
  })
  return { folder, inputs, package: wanted }
}
