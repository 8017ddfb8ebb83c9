/** The initrd segments: folders of files, packed as newc archives and compressed. */

import { createWriteStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type InitrdEntry, packInitrd } from '../../src/initrd/index.ts'
import { type Compression, compress } from './compress.ts'
import type { FirmwareFor } from './firmware.ts'
import { MODPROBE_FILES } from './modules.ts'
import { makeFrom, type Piece, type Workshop } from './pieces.ts'

/** Where every program of the base segment goes. */
interface BasePieces {
  readonly busybox: Piece
  readonly kexec: Piece
  readonly aria2: Piece
  readonly tui: Piece | undefined
}

/** Busybox, /init and its scripts, kexec, aria2 and the menu, as entries in the order of the archive. */
export async function baseEntries(rootfs: string, pieces: BasePieces): Promise<InitrdEntry[]> {
  const program = (path: string, piece: Piece, name: string): InitrdEntry[] => [
    { path, mode: 0o755, file: join(piece.folder, name) },
  ]
  return inOrder([
    ...['bin', 'dev', 'proc', 'root', 'run', 'sys', 'tmp'].map((path): InitrdEntry => ({ path, type: 'directory' })),
    // Standard input and output of /init, before it has mounted anything.
    { path: 'dev/console', type: 'character', mode: 0o600, device: [5, 1] },
    { path: 'dev/null', type: 'character', mode: 0o666, device: [1, 3] },
    ...(await entriesBelow(rootfs)),
    ...program('bin/busybox', pieces.busybox, 'busybox'),
    { path: 'bin/sh', type: 'symlink', content: 'busybox' },
    ...program('bin/aria2c', pieces.aria2, 'aria2c'),
    ...program('sbin/kexec', pieces.kexec, 'kexec'),
    ...(pieces.tui ? program('bin/tui', pieces.tui, 'tui') : []),
  ])
}

/** What a machine under Secure Boot gets besides: the kernel takes signed kernels only from a 64-bit program. */
export function secureBootEntries(kexec64: Piece): InitrdEntry[] {
  return inOrder([
    { path: 'sbin', type: 'directory' },
    { path: 'sbin/kexec64', mode: 0o755, file: join(kexec64.folder, 'kexec') },
  ])
}

/** Firmware of several packages, for the common drivers or for the others; none when they have none for those. */
export async function firmwareEntries(pieces: readonly Piece[], whose: FirmwareFor): Promise<InitrdEntry[]> {
  const trees = await Promise.all(pieces.map(({ folder }) => entriesBelow(join(folder, whose))))
  return inOrder(trees.flat())
}

/** One kernel's modules, from a folder of its piece, and the firmware that goes with them. */
export async function driverEntries(
  kernel: Piece,
  folder: 'modules' | 'other-modules',
  firmware: readonly InitrdEntry[] = [],
): Promise<InitrdEntry[]> {
  const entries = await entriesBelow(join(kernel.folder, folder))
  return inOrder([
    ...firmware,
    ...entries.filter(({ path }) => {
      const name = path.split('/').at(-1) ?? ''
      return !name.startsWith('modules.') || MODPROBE_FILES.includes(name)
    }),
  ])
}

/**
 * Packs and compresses, or finds it done in the cache. `files` are those of the project that go into it. Gives back the path of the
 * compressed segment.
 */
export async function segment(
  shop: Workshop,
  options: {
    readonly name: string
    readonly inputs: unknown
    readonly files: readonly string[]
    readonly entries: () => Promise<InitrdEntry[]>
    readonly compression: Compression
  },
): Promise<string> {
  const { name, inputs, files, entries, compression } = options
  const recipe = ['build/segments.ts', '../src/initrd', ...files]
  const archive = await makeFrom(shop, `${name}.cpio`, [inputs], recipe, async (folder) => {
    await pipeline(Readable.from(packInitrd(await entries())), createWriteStream(join(folder, 'segment')))
  })
  const packing = [archive.inputs, compression, shop.tools.packers]
  const packed = await makeFrom(shop, `${name}.${compression}`, packing, ['build/compress.ts'], async (folder) => {
    await shop.progress.step(`compressing ${name} with ${compression}`, () =>
      compress(join(archive.folder, 'segment'), join(folder, 'segment'), compression),
    )
  })
  return join(packed.folder, 'segment')
}

/** Everything below a folder, with the two modes that matter and nothing of who made it or when. */
async function entriesBelow(folder: string, prefix = ''): Promise<InitrdEntry[]> {
  const entries: InitrdEntry[] = []
  for (const name of await readdir(folder)) {
    const file = join(folder, name)
    const path = prefix === '' ? name : `${prefix}/${name}`
    const stat = await lstat(file)
    if (stat.isDirectory()) entries.push({ path, type: 'directory', mode: 0o755 }, ...(await entriesBelow(file, path)))
    else if (stat.isSymbolicLink()) entries.push({ path, type: 'symlink', content: await readlink(file) })
    else entries.push({ path, mode: stat.mode & 0o100 ? 0o755 : 0o644, file })
  }
  return entries
}

/** By path, so that folders come before what is in them; a folder that two sources name is kept once. */
function inOrder(entries: readonly InitrdEntry[]): InitrdEntry[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
