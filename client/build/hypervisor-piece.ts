/** The hypervisor segment as a piece of the client: what it is made of, and where it lies in the cache. */

import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { ClientManifest } from '../contract.ts'
import type { Compression } from './compress.ts'
import { buildHypervisor, type UnpackedKernel } from './hypervisor.ts'
import { licenceLine } from './licence.ts'
import { describePackage } from './manifest.ts'
import type { BinaryPackage } from './package-records.ts'
import { makeFrom, type Workshop } from './pieces.ts'
import { run } from './run.ts'

export interface HypervisorPiece {
  /** Name of its folder, and of the torrent that carries it. */
  readonly name: string
  /** Releases of the kernels that it runs on. */
  readonly kernels: readonly string[]
  /** The folder in the cache. */
  readonly folder: string
  /** Names of its files. */
  readonly files: readonly string[]
  readonly packages: ClientManifest['packages']
}

/** Everything of the project that decides about its bytes. */
const RECIPE = [
  'build/hypervisor.ts',
  'build/hypervisor-packages.ts',
  'build/hypervisor-piece.ts',
  'build/modules.ts',
  'build/shared-libraries.ts',
  'hypervisor',
]

/** The image with its helpers, and the copyright files of its packages. */
const SEGMENT = 'segment'
const COPYRIGHT = 'copyright'

/** One for each width, for all kernels of that width. */
export async function hypervisorPiece(
  shop: Workshop,
  architecture: 'i386' | 'amd64',
  compression: Compression,
): Promise<HypervisorPiece> {
  const name = `hypervisor-${architecture}`
  const packages = shop.resolved.hypervisors[architecture]
  const kernels = Object.values(shop.resolved.kernels).filter((kernel) => kernel.architecture === architecture)
  const inputs = [packages, kernels, compression, shop.tools.packers, await imageMaker()]
  const made = await makeFrom(shop, name, inputs, RECIPE, async (folder) => {
    const work = join(shop.work, name)
    const unpacked = join(work, 'unpacked')
    await mkdir(work)
    for (const wanted of packages) await shop.pool.unpack(wanted, unpacked)
    await mkdir(join(folder, COPYRIGHT))
    for (const wanted of packages) await keepCopyright(wanted, unpacked, join(folder, COPYRIGHT))
    const parts = {
      unpacked,
      architecture,
      kernels: await Promise.all(kernels.map((kernel) => unpackKernel(shop, kernel, work))),
      sources: join(import.meta.dirname, '../hypervisor'),
      compression,
      work,
    }
    await mkdir(join(folder, SEGMENT))
    await shop.progress.step(`making the image of ${name}`, () => buildHypervisor(parts, join(folder, SEGMENT)))
  })
  const folder = join(made.folder, SEGMENT)
  return {
    name,
    kernels: kernels.map(releaseOf),
    folder,
    files: await filesBelow(folder),
    packages: await Promise.all(
      packages.map(async (wanted) =>
        describePackage(wanted, await licenceLine(join(made.folder, COPYRIGHT, wanted.name), wanted.name)),
      ),
    ),
  }
}

async function unpackKernel(shop: Workshop, kernel: BinaryPackage, work: string): Promise<UnpackedKernel> {
  const folder = join(work, kernel.name)
  await shop.pool.unpack(kernel, folder)
  return { folder, release: releaseOf(kernel) }
}

/** As `uname -r` says it: the package's name after `linux-image-`. */
function releaseOf(kernel: BinaryPackage): string {
  return kernel.name.replace(/^linux-image-/, '')
}

/** Paths of all files, sorted. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort()
}

/** The version of what makes the image. */
async function imageMaker(): Promise<string> {
  const said = await run('mksquashfs', ['-version'], { hint: 'apt-get install squashfs-tools' })
  return said.split('\n')[0] ?? ''
}

/** Some packages' folder is a link to that of the package they come with, which is here too. */
async function keepCopyright(wanted: BinaryPackage, unpacked: string, folder: string): Promise<void> {
  await copyFile(join(unpacked, 'usr/share/doc', wanted.name, 'copyright'), join(folder, wanted.name))
}
