/** The kernels and the segments of their drivers. */

import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ClientManifest, type KernelFlavour, kernelFlavours, type OtherDrivers } from '../contract.ts'
import { type Compression, SUFFIX } from './compress.ts'
import { type Collected, collectModules } from './modules.ts'
import type { BinaryPackage } from './package-records.ts'
import { binaryPiece, type Piece, type Workshop } from './pieces.ts'
import { driverEntries, firmwareEntries, segment } from './segments.ts'

/** Of one kernel: what the manifest says, and the files of the client. */
interface BuiltKernel {
  readonly piece: Piece
  readonly kernel: ClientManifest['kernels']['686']
  readonly drivers: string
  readonly otherDrivers: OtherDrivers
  /** Names in the client, and where the files are. */
  readonly files: readonly [name: string, from: string][]
}

/** Makes the pieces of all kernels, or finds them made. */
export async function kernelPieces(shop: Workshop): Promise<KernelPieces> {
  const pieces: [KernelFlavour, Piece][] = []
  for (const flavour of kernelFlavours) pieces.push([flavour, await kernelPiece(shop, flavour)])
  return Object.fromEntries(pieces) as KernelPieces
}

type KernelPieces = { readonly [flavour in KernelFlavour]: Piece }

/** Makes every kernel with its segments, or finds them made. Firmware for rare drivers goes with those. */
export async function buildKernels(
  shop: Workshop,
  pieces: KernelPieces,
  firmware: readonly Piece[],
  compression: Compression,
): Promise<{ readonly [flavour in KernelFlavour]: BuiltKernel }> {
  const built: [KernelFlavour, BuiltKernel][] = []
  for (const flavour of kernelFlavours) {
    built.push([flavour, await buildKernel(shop, flavour, pieces[flavour], firmware, compression)])
  }
  return Object.fromEntries(built) as { [flavour in KernelFlavour]: BuiltKernel }
}

async function buildKernel(
  shop: Workshop,
  flavour: KernelFlavour,
  piece: Piece,
  firmware: readonly Piece[],
  compression: Compression,
): Promise<BuiltKernel> {
  const makeSegment = (name: string, folder: 'modules' | 'other-modules', added: readonly Piece[] = []) =>
    segment(shop, {
      name,
      inputs: [piece.inputs, added.map(({ inputs }) => inputs)],
      files: ['build/modules.ts'],
      entries: async () => driverEntries(piece, folder, await firmwareEntries(added, 'others')),
      compression,
    })
  const kernel = `vmlinuz-${flavour}`
  const drivers = `drivers-${flavour}`
  const others = `other-drivers-${flavour}`
  const suffix = `.cpio${SUFFIX[compression]}`
  const { commonCards, otherCards } = JSON.parse(await readFile(join(piece.folder, CARDS), 'utf8')) as Collected
  return {
    piece,
    kernel: { file: kernel, release: kernelRelease(shop.resolved.kernels[flavour]) },
    drivers: `${drivers}${suffix}`,
    otherDrivers: {
      file: `${others}${suffix}`,
      cards: otherCards.join(' '),
      commonCards: commonCards.join(' '),
    },
    files: [
      [kernel, join(piece.folder, 'vmlinuz')],
      [`${drivers}${suffix}`, await makeSegment(drivers, 'modules')],
      [`${others}${suffix}`, await makeSegment(others, 'other-modules', firmware)],
    ],
  }
}

/** In the piece of a kernel: which cards need which drivers. */
const CARDS = 'cards.json'

/** `vmlinuz`, `modules/` and `other-modules/` as they will lie in the initrd, and `cards.json`: which cards need which. */
async function kernelPiece(shop: Workshop, flavour: KernelFlavour): Promise<Piece> {
  const wanted = shop.resolved.kernels[flavour]
  const release = kernelRelease(wanted)
  const recipe = ['build/kernels.ts', 'build/modules.ts', 'build/module-signature.ts']
  return binaryPiece(shop, wanted, recipe, async (unpacked, folder) => {
    await copyFile(join(unpacked, 'boot', `vmlinuz-${release}`), join(folder, 'vmlinuz'))
    const { missing, ...cards } = await collectModules({
      unpacked,
      release,
      common: join(folder, 'modules'),
      others: join(folder, 'other-modules'),
      // Secure Boot starts the 64-bit kernel only. Signatures cannot be compressed.
      signed: flavour === 'amd64',
    })
    await rm(join(folder, 'other-modules.both'), { recursive: true })
    await writeFile(join(folder, CARDS), JSON.stringify(cards))
    if (missing.length > 0) shop.progress.note(`kernel ${release} has no ${missing.join(', ')}`)
  })
}

/** As `uname -r` says it: the package's name after `linux-image-`. */
function kernelRelease(wanted: BinaryPackage): string {
  return wanted.name.replace(/^linux-image-/, '')
}
