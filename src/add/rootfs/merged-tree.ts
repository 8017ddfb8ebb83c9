/**
 * Layers laid on one another become one tree of files, as container engines do it (OCI image layer specification): later
 * entries win, `.wh.` names take away. Names go through symbolic links as they would on the running system, and never out
 * of it.
 */
import type { Header } from 'tar-stream'
import { BoottorrentError } from '../../errors.ts'

/** Bytes that lie in a layer. Several nodes with the same content are hard links. */
export interface Content {
  readonly layer: number
  /** Which entry of the layer it is, counted from 0. */
  readonly index: number
  readonly size: number
}

export interface Node {
  readonly type: 'directory' | 'file' | 'symlink' | 'character' | 'block'
  /** The layer that it comes from. */
  readonly layer: number
  readonly mode: number
  readonly owner: readonly [user: number, group: number]
  readonly modified: number
  /** Of a symbolic link. */
  readonly target: string
  readonly device: readonly [major: number, minor: number]
  readonly content: Content | undefined
  /** Of a directory. */
  readonly children: Map<string, Node>
}

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'
const MOST_NODES = 2_000_000
const MOST_SYMLINKS = 40
const FIELD_MAXIMUM = 0xffffffff

/** Types of tar entries that say something about other entries, or nothing that a system needs. */
const PASSED_OVER = new Set(['fifo', 'pax-header', 'pax-global-header', 'gnu-long-path', 'gnu-long-link-path'])

export class MergedTree {
  readonly root: Node = directory()
  #nodes = 0

  /**
   * Takes one entry in.
   *
   * @throws BoottorrentError FORMAT for a name that leads out of the system, or that cannot be
   */
  add(header: Header, layer: number, index: number): void {
    const parts = partsOf(header.name)
    const name = parts.pop()
    if (PASSED_OVER.has(header.type ?? 'file')) return
    const parent = this.#directoryAt(parts, header.name, layer)
    if (name === undefined) return
    if (name === OPAQUE) {
      hideLower(parent, layer)
      return
    }
    if (name.startsWith(WHITEOUT)) {
      parent.children.delete(name.slice(WHITEOUT.length))
      return
    }
    this.#put(parent, name, this.#nodeOf(header, layer, index, parent.children.get(name)))
  }

  /** The node at a path, symbolic links followed; undefined when there is none. */
  find(path: string): Node | undefined {
    const found = this.#walk(this.#trailOf([]), partsOf(path), MOST_SYMLINKS)
    return found?.at(-1)?.node
  }

  /** The node of exactly this name, which may be a symbolic link. */
  lookAt(path: string): Node | undefined {
    const parts = partsOf(path)
    const name = parts.pop()
    const parent = name === undefined ? undefined : this.find(parts.join('/'))
    return parent?.children.get(name ?? '')
  }

  /** Every path with its node, folders before what lies in them, in a fixed order. */
  *walk(): Generator<{ path: string; node: Node }> {
    const waiting: { path: string; node: Node }[] = [{ path: '', node: this.root }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next.path !== '') yield next
      const prefix = next.path === '' ? '' : `${next.path}/`
      const names = [...next.node.children.keys()].sort().reverse()
      for (const name of names) waiting.push({ path: prefix + name, node: next.node.children.get(name) as Node })
    }
  }

  #put(parent: Node, name: string, node: Node): void {
    if (!parent.children.has(name)) this.#nodes += 1
    if (this.#nodes > MOST_NODES) throw broken(name, `there are more than ${MOST_NODES} files`)
    parent.children.set(name, node)
  }

  #nodeOf(header: Header, layer: number, index: number, before: Node | undefined): Node {
    const { type = 'file', size = 0, linkname } = header
    const common = {
      layer,
      mode: (header.mode ?? 0o644) & 0o7777,
      owner: [numberOf(header.uid), numberOf(header.gid)] as const,
      modified: numberOf(Math.floor((header.mtime?.getTime() ?? 0) / 1000)),
    }
    switch (type) {
      case 'directory':
        // A directory that comes again has other rights, and keeps what lies in it.
        return { ...directory(), ...common, children: before?.type === 'directory' ? before.children : new Map() }
      case 'file':
      case 'contiguous-file':
        if (size > FIELD_MAXIMUM) throw broken(header.name, 'it is larger than the 4 GiB that an initrd can hold')
        return { ...leaf('file'), ...common, content: { layer, index, size } }
      case 'symlink':
        if (!linkname) throw broken(header.name, 'it is a symbolic link that leads nowhere')
        return { ...leaf('symlink'), ...common, target: linkname }
      case 'link': {
        const original = this.lookAt(linkname ?? '')
        if (original === undefined || original.type === 'directory') {
          throw broken(header.name, `it is another name of ${JSON.stringify(linkname)}, which is not there`)
        }
        return original
      }
      case 'character-device':
      case 'block-device': {
        const device = [numberOf(header.devmajor), numberOf(header.devminor)] as const
        return { ...leaf(type === 'block-device' ? 'block' : 'character'), ...common, device }
      }
      default:
        throw broken(header.name, `entries of the kind "${type}" are not known`)
    }
  }

  /** The directory for an entry. What is missing on the way is made, as tar(1) does it. */
  #directoryAt(parts: readonly string[], name: string, layer: number): Node {
    let trail = this.#trailOf([])
    for (const part of parts) {
      const { node } = trail.at(-1) as Step
      if (!node.children.has(part)) this.#put(node, part, { ...directory(), layer })
      const next = this.#walk(trail, [part], MOST_SYMLINKS)
      const found = next?.at(-1)?.node
      if (next === undefined || found?.type !== 'directory') throw broken(name, `${part} is no folder`)
      trail = next
    }
    return (trail.at(-1) as Step).node
  }

  #trailOf(steps: readonly Step[]): Step[] {
    return steps.length === 0 ? [{ name: '', node: this.root }] : [...steps]
  }

  /** Walks from the end of a trail; answers the new trail, or undefined when it leads nowhere. */
  #walk(start: readonly Step[], parts: readonly string[], symlinks: number): Step[] | undefined {
    const trail = this.#trailOf(start)
    for (const [at, part] of parts.entries()) {
      if (part === '' || part === '.') continue
      if (part === '..') {
        if (trail.length > 1) trail.pop()
        continue
      }
      const node = (trail.at(-1) as Step).node.children.get(part)
      if (node === undefined) return undefined
      if (node.type === 'symlink') {
        if (symlinks === 0) return undefined
        const base = node.target.startsWith('/') ? this.#trailOf([]) : trail
        return this.#walk(base, [...node.target.split('/'), ...parts.slice(at + 1)], symlinks - 1)
      }
      trail.push({ name: part, node })
    }
    return trail
  }
}

interface Step {
  readonly name: string
  readonly node: Node
}

/** An opaque folder hides what lower layers have in it, and nothing of its own layer. */
function hideLower(folder: Node, layer: number): void {
  for (const [name, child] of folder.children) {
    if (child.type === 'directory') hideLower(child, layer)
    if (child.layer < layer && child.children.size === 0) folder.children.delete(name)
  }
}

function directory(): Node {
  return { ...leaf('directory'), mode: 0o755 }
}

function leaf(type: Node['type']): Node {
  return {
    type,
    layer: 0,
    mode: 0o644,
    owner: [0, 0],
    modified: 0,
    target: '',
    device: [0, 0],
    content: undefined,
    children: new Map(),
  }
}

/** What does not fit a field is as good as nothing said. */
function numberOf(value: number | null | undefined): number {
  return value !== null && value !== undefined && Number.isInteger(value) && value >= 0 && value <= FIELD_MAXIMUM
    ? value
    : 0
}

/** `./usr/bin/` → usr, bin. Archives name things relative to the root, with or without a slash in front. */
function partsOf(name: string): string[] {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw broken(name, 'its name leads out of the system')
  if (name.includes('\0')) throw broken(name, 'its name has a NUL character')
  return parts
}

function broken(name: string, why: string): BoottorrentError {
  return new BoottorrentError(
    'FORMAT',
    `The entry ${JSON.stringify(name.slice(0, 200))} of the archive cannot be used: ${why}.`,
    {
      hint: 'Make the archive again from the system itself.',
    },
  )
}
