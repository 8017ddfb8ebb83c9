import { hash } from 'node:crypto'
import type { BootFile } from '../boot-files.ts'
import { type OpenFile, openFile } from '../open-file.ts'

/** Bytes that are read and sent at once: few enough that hundreds of slow clients hold little, enough to be fast. */
export const PIECE = 256 * 1024

export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** A boot file that is open for one answer. */
export interface Body {
  /** Changes whenever the bytes do. */
  readonly version: string
  /**
   * The bytes from `start` up to `end`, piece by piece. A piece is good until the next one is asked for.
   *
   * @throws BoottorrentError FILE when the file changes while it is read.
   */
  pieces(start: number, end: number): Pieces
  close(): Promise<void>
}

/** What lies in memory never changes; other bytes are another array. */
const versions = new WeakMap<Uint8Array, string>()

/**
 * Opens a boot file.
 *
 * @throws BoottorrentError FILE when it is missing, cannot be read, is not a regular file, or has another size than the table says.
 */
export async function openBody(file: BootFile): Promise<Body> {
  if ('bytes' in file) return bytesBody(file.bytes)
  const opened = await openFile(file)
  return {
    version: opened.version,
    pieces: (start, end) => filePieces(opened, start, end),
    close: () => opened.close(),
  }
}

function bytesBody(bytes: Uint8Array): Body {
  let version = versions.get(bytes)
  if (version === undefined) {
    // The same for the same bytes, also when they were made anew: by that a second host knows that nothing has changed.
    version = `m${hash('sha1', bytes)}`
    versions.set(bytes, version)
  }
  return { version, pieces: (start, end) => bytesPieces(bytes, start, end), close: async () => {} }
}

function* bytesPieces(bytes: Uint8Array, start: number, end: number): Iterable<Uint8Array> {
  for (let at = start; at < end; at += PIECE) yield bytes.subarray(at, Math.min(at + PIECE, end))
}

async function* filePieces(file: OpenFile, start: number, end: number): AsyncIterable<Uint8Array> {
  const longest = Math.min(PIECE, end - start)

  async function read(at: number, into: Buffer): Promise<Buffer> {
    const piece = into.subarray(0, Math.min(longest, end - at))
    await file.read(piece, at)
    return piece
  }

  // While one piece is on its way to the client, the next one is read. Two buffers do for the whole file: fresh ones
  // would keep the garbage collector busier than the network.
  let free = Buffer.allocUnsafeSlow(longest)
  let filling = Buffer.allocUnsafeSlow(longest)
  let next = start < end ? read(start, filling) : undefined
  for (let at = start; next !== undefined; ) {
    const piece = await next
    at += piece.length
    ;[free, filling] = [filling, free]
    next = at < end ? read(at, filling) : undefined
    // When the client leaves, nobody waits for this one any more.
    next?.catch(() => {})
    yield piece
  }
}
