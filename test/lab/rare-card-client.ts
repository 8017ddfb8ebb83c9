import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { compress } from '../../client/build/compress.ts'
import { parseModulesDep, pciCards } from '../../client/build/modules.ts'
import type { Piece } from '../../client/build/pieces.ts'
import { driverEntries } from '../../client/build/segments.ts'
import type { ClientManifest } from '../../client/contract.ts'
import { loadClientPackage } from '../../src/client-package.ts'
import { packInitrd } from '../../src/initrd/index.ts'

const run = promisify(execFile)

/** Names of the segments that are made anew. */
const files = { modules: 'drivers.cpio.gz', 'other-modules': 'other-drivers.cpio.gz' } as const

/**
 * The built client, except that one module of the 64-bit kernel has moved from the common drivers to the others: what makes a
 * card of QEMU's a rare card, for it has none whose driver is not common.
 *
 * @returns the path of the manifest, in `folder`
 */
export async function writeRareCardClient(folder: string, module: string): Promise<string> {
  const { directory, manifest } = await loadClientPackage()
  const { drivers, otherDrivers } = manifest.segments
  await unpack(join(directory, drivers.amd64), join(folder, 'modules'))
  await unpack(join(directory, otherDrivers.amd64.file), join(folder, 'other-modules'))

  const lists = join('lib/modules', manifest.kernels.amd64.release)
  const tree = parseModulesDep(await readFile(join(folder, 'modules', lists, 'modules.dep'), 'utf8'))
  const path = join(lists, tree.paths.get(module) ?? '')
  await mkdir(join(folder, 'other-modules', dirname(path)), { recursive: true })
  await rename(join(folder, 'modules', path), join(folder, 'other-modules', path))
  const aliases = await readFile(join(folder, 'modules', lists, 'modules.alias'), 'utf8')
  const moved = pciCards(aliases, [path])

  const client = join(folder, 'client')
  await mkdir(client)
  const artifacts = manifest.artifacts.filter(({ file }) => !file.includes('/'))
  for (const { file } of artifacts) await symlink(join(directory, file), join(client, file))
  for (const which of ['modules', 'other-modules'] as const) {
    const archive = join(folder, `${which}.cpio`)
    const entries = await driverEntries({ folder } as Piece, which)
    await pipeline(Readable.from(packInitrd(entries)), createWriteStream(archive))
    await compress(archive, join(client, files[which]), 'gzip')
    artifacts.push({ file: files[which], bytes: 0, sha256: '' })
  }
  const { cards, commonCards } = otherDrivers.amd64
  const ofAmd64 = {
    file: files['other-modules'],
    cards: `${cards} ${moved.join(' ')}`,
    commonCards: commonCards
      .split(' ')
      .filter((card) => !moved.includes(card))
      .join(' '),
  }
  const changed: ClientManifest = {
    ...manifest,
    segments: {
      ...manifest.segments,
      drivers: { ...drivers, amd64: files.modules },
      otherDrivers: { ...otherDrivers, amd64: ofAmd64 },
    },
    artifacts,
    hypervisors: [],
  }
  const file = join(client, 'manifest.json')
  await writeFile(file, JSON.stringify(changed))
  return file
}

async function unpack(segment: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const words = 'xz -dc "$1" | cpio --extract --quiet --make-directories --directory "$2"'
  await run('sh', ['-c', words, 'sh', segment, folder])
}
