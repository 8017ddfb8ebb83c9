/**
 * Firmware: of the packages that a build was asked to add, the files that the drivers of network cards ask for, each under the
 * name that they know. Those of common drivers are a segment of their own, the others travel with the other drivers. Licences
 * travel along, as most of them demand.
 */

import { copyFile, cp, mkdir, readdir, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'
import type { FirmwarePackage } from './firmware-packages.ts'
import { makeFrom, type Piece, type Workshop } from './pieces.ts'
import { run } from './run.ts'

/** Where packages put firmware. */
const FOLDERS = ['lib/firmware', 'usr/lib/firmware']

/** Which drivers ask for it. */
export type FirmwareFor = 'common' | 'others'

/**
 * Makes a piece of a package: `common/` and `others/` as they will lie in the initrd.
 *
 * @throws BoottorrentError USAGE when no driver of these kernels asks for anything in it.
 */
export async function firmwarePiece(
  shop: Workshop,
  { package: wanted, unpack }: FirmwarePackage,
  kernels: readonly Piece[],
): Promise<Piece> {
  const inputs = [wanted, kernels.map((kernel) => kernel.inputs)]
  const recipe = ['build/firmware.ts', 'build/pieces.ts']
  const made = await makeFrom(shop, wanted.name, inputs, recipe, async (folder) => {
    const unpacked = join(shop.work, wanted.name)
    const notes = join('usr/share/doc', wanted.name, 'copyright')
    await unpack(unpacked)
    const common = await firmwareNames(kernels.map((kernel) => join(kernel.folder, 'modules')))
    const others = await firmwareNames(kernels.map((kernel) => join(kernel.folder, 'other-modules')))
    const rare = others.filter((name) => !common.includes(name))
    const found = [...(await take('common', common)), ...(await take('others', rare))]
    if (found.length === 0) {
      throw new BoottorrentError('USAGE', `no driver of a network card asks for a file of the package ${wanted.name}`, {
        hint: `Leave it out. Their files are in: ${groupsOf([...common, ...others]).join(', ')}.`,
      })
    }
    shop.progress.note(`firmware of ${wanted.name}: ${found.join(', ')}`)
    await copyFile(join(unpacked, notes), join(folder, 'copyright'))

    async function take(whose: FirmwareFor, names: readonly string[]): Promise<string[]> {
      await mkdir(join(folder, whose), { recursive: true })
      const taken = await takeFirmware(unpacked, names, join(folder, whose, 'lib/firmware'))
      if (taken.length > 0) await cp(join(unpacked, notes), join(folder, whose, notes))
      return taken
    }
  })
  return { ...made, package: wanted }
}

/** The names of all files that the modules below some folders ask for, sorted. */
export async function firmwareNames(folders: readonly string[]): Promise<string[]> {
  const modules: string[] = []
  for (const folder of folders) {
    const names = await readdir(folder, { recursive: true })
    modules.push(...names.filter((name) => name.endsWith('.ko')).map((name) => join(folder, name)))
  }
  if (modules.length === 0) return []
  const said = await run('modinfo', ['-F', 'firmware', ...modules])
  return [...new Set(said.split('\n').filter((name) => name !== ''))].sort()
}

/** Copies those of the named files that an unpacked package has, links followed. Returns their names. */
export async function takeFirmware(unpacked: string, names: readonly string[], to: string): Promise<string[]> {
  const root = await realpath(unpacked)
  const found: string[] = []
  for (const name of names) {
    for (const folder of FOLDERS) {
      const file = await realpath(join(root, folder, name)).catch(() => undefined)
      // A link that leads out of the package would copy a file of this computer.
      if (file === undefined || !file.startsWith(root + sep)) continue
      await mkdir(dirname(join(to, name)), { recursive: true })
      await copyFile(file, join(to, name))
      found.push(name)
      break
    }
  }
  return found
}

/** The folders of some names, each once. */
function groupsOf(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => dirname(name)).filter((name) => name !== '.'))]
}
