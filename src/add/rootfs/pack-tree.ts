/** A merged tree becomes the entries of an initrd, the bytes of its files as they come off the layers. */
import { type InitrdEntry, packInitrd } from '../../initrd/index.ts'
import type { MergedTree, Node } from './merged-tree.ts'
import { entriesOf, type Layer } from './tar-layer.ts'

/** Paths of nodes with the same bytes, by layer and entry. */
type Files = ReadonlyMap<string, { readonly node: Node; readonly paths: readonly string[] }>

/** @param read hears of packed bytes of the layers that were read */
export function packTree(
  tree: MergedTree,
  layers: readonly Layer[],
  extra: readonly InitrdEntry[],
  read: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  return packInitrd(entries(tree, layers, extra, read))
}

/** Folders and links first, which need no layer; then the files in the order of the layers, each read once. */
async function* entries(
  tree: MergedTree,
  layers: readonly Layer[],
  extra: readonly InitrdEntry[],
  read: (bytes: number) => void,
): AsyncGenerator<InitrdEntry> {
  const added = new Set(extra.map(({ path }) => path))
  const files = new Map<string, { node: Node; paths: string[] }>()
  for (const { path, node } of tree.walk()) {
    if (added.has(path)) continue
    if (node.content === undefined) yield entryOf(path, node)
    else {
      const key = keyOf(node.content.layer, node.content.index)
      const known = files.get(key)
      if (known) known.paths.push(path)
      else files.set(key, { node, paths: [path] })
    }
  }
  yield* extra
  for (const [number, layer] of layers.entries()) yield* filesOf(layer, number, files, read)
}

async function* filesOf(
  layer: Layer,
  number: number,
  files: Files,
  read: (bytes: number) => void,
): AsyncGenerator<InitrdEntry> {
  let index = -1
  for await (const entry of entriesOf(layer, read)) {
    index += 1
    const file = files.get(keyOf(number, index))
    const [first, ...others] = file?.paths ?? []
    if (file?.node.content === undefined || first === undefined) {
      entry.resume()
      continue
    }
    yield { ...entryOf(first, file.node), stream: entry, size: file.node.content.size, names: others.length + 1 }
    for (const path of others) yield { path, type: 'link', content: first }
  }
}

function entryOf(path: string, { type, mode, owner, modified, target, device }: Node): InitrdEntry {
  const isDevice = type === 'character' || type === 'block'
  return {
    path,
    type,
    mode: type === 'symlink' ? 0o777 : mode,
    owner,
    modified,
    ...(type === 'symlink' ? { content: target } : {}),
    ...(isDevice ? { device } : {}),
  }
}

function keyOf(layer: number, index: number): string {
  return `${layer}:${index}`
}
