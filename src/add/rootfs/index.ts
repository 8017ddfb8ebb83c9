/** A root file system — a tar archive or the layers of a container image — becomes an initrd that a kernel boots into RAM. */

import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { loadClientPackage } from '../../client-package.ts'
import { BoottorrentError } from '../../errors.ts'
import type { InitrdEntry } from '../../initrd/index.ts'
import type { AddOptions } from '../index.ts'
import type { Plan, PlannedFile } from '../plan.ts'
import { chooseInit } from './init.ts'
import { MergedTree, type Node } from './merged-tree.ts'
import { type ContainerImage, isOciLayout, readOciLayout } from './oci.ts'
import { packTree } from './pack-tree.ts'
import { entriesOf, type Layer } from './tar-layer.ts'

export interface RootfsSource {
  readonly path: string
  readonly size: number
  readonly layout: 'archive' | 'folder'
}

/** Both consoles: a person sits at the screen, a server room or a test at the serial port. */
const CONSOLES = 'console=ttyS0,115200 console=tty0'

/**
 * Reads every layer once to know what the system is made of; the bytes are read again when it is written.
 *
 * @throws BoottorrentError FORMAT when an archive is damaged or is no root file system, CLIENT_MISSING
 */
export async function planRootfs(options: AddOptions, source: RootfsSource): Promise<Plan> {
  const image = source.layout === 'folder' ? await imageIn(source.path) : undefined
  const layers: readonly Layer[] = image?.layers ?? [{ path: source.path, sha256: undefined }]
  const tree = await readTree(layers, options.signal)
  refuseOtherArchives(source.path, tree)
  const init = chooseInit(tree, image)
  if (init === undefined) {
    throw new BoottorrentError(
      'FORMAT',
      `Nothing can be started in ${source.path}: it has no init, no shell and no program to run.`,
      {
        hint: 'Add one to the system, or a statically linked program as a system of its own.',
      },
    )
  }
  const kernel = (await ownKernel(tree, layers)) ?? (await clientKernel(options.client))
  const size = await sizeOf(layers)
  const extra: InitrdEntry[] = init.script === undefined ? [] : [{ path: 'init', mode: 0o755, content: init.script }]
  const initrd: PlannedFile = {
    name: 'initrd.gz',
    size,
    bytes: (read) => gzipped(packTree(tree, layers, extra, read)),
  }
  return {
    title: image?.title,
    start: {
      method: 'kexec',
      kernel: kernel.file.name,
      initrds: [initrd.name],
      cmdline: [CONSOLES, init.cmdline, options.cmdline ?? ''].filter((words) => words !== '').join(' '),
    },
    files: [kernel.file, initrd],
    decisions: [
      `${path.basename(source.path)} is a ${image ? 'container image' : 'root file system'}: it is packed as an initrd and lives in the machine's memory.`,
      kernel.decision,
      init.decision,
    ],
  }
}

async function imageIn(folder: string): Promise<ContainerImage> {
  if (await isOciLayout(folder)) return readOciLayout(folder)
  throw new BoottorrentError('USAGE', `${folder} is a folder, but no OCI image layout.`, {
    hint: `Pack a root file system first: tar -C ${folder} --numeric-owner -cf rootfs.tar .`,
  })
}

async function readTree(layers: readonly Layer[], signal: AbortSignal | undefined): Promise<MergedTree> {
  const tree = new MergedTree()
  for (const [number, layer] of layers.entries()) {
    let index = 0
    for await (const entry of entriesOf(layer)) {
      signal?.throwIfAborted()
      tree.add(entry.header, number, index)
      index += 1
      entry.resume()
    }
  }
  return tree
}

/** Archives of images are tar archives, too. */
function refuseOtherArchives(source: string, tree: MergedTree): void {
  if (tree.lookAt('oci-layout') === undefined && tree.lookAt('manifest.json') === undefined) return
  throw new BoottorrentError('USAGE', `${source} is the archive of a container image, not of a root file system.`, {
    hint: `Unpack it and add the folder: mkdir image && tar -C image -xf ${source} && boottorrent add image`,
  })
}

interface Kernel {
  readonly file: PlannedFile
  readonly decision: string
}

/** The newest kernel that the system brings, by its version. */
async function ownKernel(tree: MergedTree, layers: readonly Layer[]): Promise<Kernel | undefined> {
  const names = [...(tree.find('boot')?.children.keys() ?? [])].filter((name) => name.startsWith('vmlinuz-'))
  const newest = names.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1)
  const node = newest === undefined ? undefined : tree.find(`boot/${newest}`)
  if (node?.content === undefined) return undefined
  const { size } = node.content
  return {
    file: { name: 'vmlinuz', size, bytes: (read) => readNode(node, layers, read) },
    decision: `It brings the kernel ${newest}, which is used.`,
  }
}

async function* readNode(
  node: Node,
  layers: readonly Layer[],
  read: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const { content } = node
  const layer = content && layers[content.layer]
  if (content === undefined || layer === undefined) return
  let index = -1
  for await (const entry of entriesOf(layer)) {
    index += 1
    if (index !== content.index) {
      entry.resume()
      continue
    }
    for await (const chunk of entry) {
      yield chunk
      read(chunk.length)
    }
    return
  }
}

async function clientKernel(manifest: string | undefined): Promise<Kernel> {
  const client = await loadClientPackage(manifest)
  const file = path.join(client.directory, client.manifest.kernels.amd64.file)
  const { size } = await stat(file)
  return {
    file: { name: 'vmlinuz', size, path: file },
    decision:
      'It brings no kernel and gets the one of Phase-1 Linux (64-bit), without modules: no network or disk drivers. Install a kernel package in it for those.',
  }
}

async function sizeOf(layers: readonly Layer[]): Promise<number> {
  const sizes = await Promise.all(layers.map(async ({ path: file }) => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function* gzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip()
  // What fails here ends the reading below with the same error.
  pipeline(Readable.from(source, { objectMode: false }), gzip).catch((error: Error) => gzip.destroy(error))
  yield* gzip as AsyncIterable<Uint8Array>
}
