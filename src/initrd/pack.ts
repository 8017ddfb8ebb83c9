import { type FileHandle, open } from 'node:fs/promises'
import { BoottorrentError } from '../errors.ts'
import { READING } from '../reading.ts'
import { encodeHeader, encodeTrailer, type Header, padding } from './header.ts'
import type { EntryType, InitrdEntry } from './index.ts'
import { PATH_MAXIMUM, Tree } from './tree.ts'

/** Archives end on a multiple of this, as cpio(1) has always written them. */
const BLOCK = 512
const READ_BYTES = 1024 * 1024

const DEFAULT_PERMISSIONS: { readonly [type in EntryType]: number } = {
  file: 0o644,
  directory: 0o755,
  symlink: 0o777,
  character: 0o600,
  block: 0o600,
  link: 0o644,
}

/** A file that has more names than one, as its other names have to repeat it. */
type Linked = Pick<Header, 'inode' | 'permissions' | 'owner' | 'modified' | 'names'>

/**
 * Packs entries in their order into one newc archive. Directories that are missing above an entry are added with mode
 * 755. Equal entries give equal bytes.
 *
 * @throws BoottorrentError FORMAT for what the archive cannot hold (names, numbers beyond 32 bits, duplicates) and for a
 *   file whose size changed while it was packed; FILE for one that cannot be read.
 */
export async function* packInitrd(
  entries: Iterable<InitrdEntry> | AsyncIterable<InitrdEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const tree = new Tree()
  const linked = new Map<string, Linked>()
  let inode = 0
  let length = 0

  for await (const entry of entries) {
    const missing = tree.add(entry)
    if (missing === undefined) continue
    const parents = missing.map((path): InitrdEntry => ({ path, type: 'directory' }))
    for (const each of [...parents, entry]) {
      inode += 1
      for await (const chunk of packEntry(each, inode, linked)) {
        length += chunk.length
        yield chunk
      }
    }
  }

  const trailer = encodeTrailer()
  yield trailer
  yield new Uint8Array(padding(length + trailer.length, BLOCK))
}

async function* packEntry(
  entry: InitrdEntry,
  inode: number,
  linked: Map<string, Linked>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { path, type = 'file' } = entry
  const permissions = entry.mode ?? DEFAULT_PERMISSIONS[type]
  if (!Number.isInteger(permissions) || permissions < 0 || permissions > 0o7777) {
    throw new BoottorrentError('FORMAT', `The mode ${permissions} of ${path} is no set of permission bits`, {
      hint: 'Give a mode from 0 to 0o7777; the type of the entry is a field of its own.',
    })
  }
  checkFields(entry, type)
  const { device = [0, 0], owner = [0, 0], modified = 0, names = 1 } = entry
  const header: Omit<Header, 'size'> = { inode, type, permissions, path, device, owner, modified, names }
  if (names > 1) linked.set(path, { inode, permissions, owner, modified, names })

  if (type === 'link') {
    // The kernel knows other names by the inode, and leaves the bytes as the first one brought them.
    yield encodeHeader({ ...header, ...originalOf(entry, linked), size: 0 })
    return
  }
  if (entry.stream !== undefined && entry.size !== undefined) {
    yield encodeHeader({ ...header, size: entry.size })
    yield* exactly(path, entry.stream, entry.size)
    yield new Uint8Array(padding(entry.size, 4))
    return
  }

  if (entry.file !== undefined) {
    await using file = await openFile(path, entry.file)
    const { size } = await file.stat()
    yield encodeHeader({ ...header, size })
    yield* readExactly(path, file, size)
    yield new Uint8Array(padding(size, 4))
    return
  }

  const content = typeof entry.content === 'string' ? Buffer.from(entry.content) : (entry.content ?? new Uint8Array(0))
  yield encodeHeader({ ...header, size: content.length })
  yield content
  yield new Uint8Array(padding(content.length, 4))
}

function originalOf({ path, content }: InitrdEntry, linked: ReadonlyMap<string, Linked>): Linked {
  const original = linked.get(String(content))
  if (original !== undefined) return original
  throw new BoottorrentError('FORMAT', `${path} is another name of ${String(content)}, which did not come before it`, {
    hint: 'List the file first, with how many names it has.',
  })
}

async function* exactly(path: string, stream: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let left = size
  for await (const chunk of stream) {
    left -= chunk.length
    if (left < 0) break
    yield chunk
  }
  if (left === 0) return
  throw new BoottorrentError('FORMAT', `${path} has not the ${size} bytes that were announced for the initrd`, {
    hint: 'Give the size that the stream has.',
  })
}

/** Refuses fields that do not belong to the type of an entry: they would be lost without a word. */
function checkFields(entry: InitrdEntry, type: EntryType): void {
  const refuse = (message: string, hint: string) => {
    throw new BoottorrentError('FORMAT', `${entry.path}: ${message}`, { hint })
  }
  const isDevice = type === 'character' || type === 'block'
  if (isDevice !== (entry.device !== undefined)) {
    refuse(`a ${type} ${isDevice ? 'needs' : 'has no'} device numbers`, 'Give device: [major, minor] to devices only.')
  }
  if (entry.content !== undefined && type !== 'file' && type !== 'symlink' && type !== 'link') {
    refuse(`a ${type} has no content`, 'Leave the content out, or make it a file.')
  }
  if (entry.file !== undefined && (type !== 'file' || entry.content !== undefined)) {
    refuse('a file on disk can only be the content of a file', 'Give either content or file.')
  }
  if ((entry.stream === undefined) !== (entry.size === undefined)) {
    refuse('a stream needs its size, and a size its stream', 'Give both or none.')
  }
  if (entry.stream !== undefined && (type !== 'file' || entry.content !== undefined || entry.file !== undefined)) {
    refuse('a stream can only be the content of a file', 'Give one of content, file and stream.')
  }
  if (type === 'symlink') {
    const target = Buffer.from(entry.content ?? '')
    if (target.length === 0 || target.length >= PATH_MAXIMUM || target.includes(0)) {
      refuse('the target of the symlink is empty, too long or has a NUL character', 'Give a path as its content.')
    }
  }
}

async function openFile(path: string, file: string): Promise<FileHandle> {
  try {
    const handle = await open(file, READING)
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
  } catch (cause) {
    throw new BoottorrentError('FILE', `${file} cannot be read into the initrd as ${path}`, {
      hint: 'Check that it is there and that you may read it.',
      cause,
    })
  }
  throw new BoottorrentError('FILE', `${file} is no plain file, so it cannot become ${path} of the initrd`, {
    hint: 'Give the path of a plain file.',
  })
}

async function* readExactly(path: string, file: FileHandle, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const changed = () =>
    new BoottorrentError('FORMAT', `The size of ${path} changed while it was packed into the initrd`, {
      hint: 'Wait until nothing writes the file any more, and try again.',
    })
  let position = 0
  while (position < size) {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size - position))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
    if (bytesRead === 0) throw changed()
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
  const beyond = await file.read(Buffer.alloc(1), 0, 1, size)
  if (beyond.bytesRead !== 0) throw changed()
}
