/** One layer: a tar archive, plain or packed by gzip, xz or zstd. It is read from its start as often as it is needed. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable, type Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import { type Extract, extract } from 'tar-stream'
import { BoottorrentError } from '../../errors.ts'
import { READING } from '../../reading.ts'

/** One entry: its header, and its bytes as a stream. */
export type TarEntry = (Extract extends AsyncIterable<infer One> ? One : never) & AsyncIterable<Uint8Array>

export interface Layer {
  /** Absolute path of the archive. */
  readonly path: string
  /** SHA-256 that its bytes must have, in hexadecimal; undefined when nobody says. */
  readonly sha256: string | undefined
}

/** Unpacked bytes of a layer: more is no system that fits into a machine, but a bomb. */
const MOST_BYTES = 64 * 1024 ** 3
const READ_BYTES = 256 * 1024

/**
 * The entries of a layer, in order. Each entry is a stream that must be read or resumed before the next one comes.
 *
 * @param read hears of packed bytes that were read
 * @throws BoottorrentError FORMAT when it is no archive, is damaged, or is not what its checksum says
 */
export async function* entriesOf(layer: Layer, read: (bytes: number) => void = () => {}): AsyncGenerator<TarEntry> {
  const tar = extract()
  const checksum = new Checksum(layer, read)
  const unpack = await unpackerOf(layer.path)
  const raw = createReadStream(layer.path, { highWaterMark: READ_BYTES })
  // An error of any part ends the archive, and so the loop below.
  const flowing = pipeline(
    raw,
    (source: AsyncIterable<Uint8Array>) => checksum.watch(source),
    unpack,
    (source: AsyncIterable<Uint8Array>) => upToTheLimit(layer.path, source),
    tar as unknown as Writable,
  )
  flowing.catch((error: Error) => tar.destroy(error))
  try {
    yield* tar as AsyncIterable<TarEntry>
    await flowing
  } catch (error) {
    throw explained(layer.path, error)
  } finally {
    raw.destroy()
    tar.destroy()
  }
  checksum.verify()
}

/** Looks at the packed bytes of a layer as they pass. */
class Checksum {
  readonly #layer: Layer
  readonly #read: (bytes: number) => void
  readonly #hash = createHash('sha256')

  constructor(layer: Layer, read: (bytes: number) => void) {
    this.#layer = layer
    this.#read = read
  }

  async *watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.#hash.update(chunk)
      this.#read(chunk.length)
      yield chunk
    }
  }

  verify(): void {
    const { path, sha256 } = this.#layer
    if (sha256 === undefined || this.#hash.digest('hex') === sha256) return
    throw broken(path, 'its checksum is not the one that the image names')
  }
}

type Unpack = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** Unpacks by what the archive begins with, whatever its name says. */
async function unpackerOf(path: string): Promise<Unpack | Transform> {
  const head = await beginning(path)
  if (head.startsWith('1f8b')) return zlib.createGunzip()
  if (head.startsWith('28b52ffd')) return unzstd(path)
  if (!head.startsWith('fd377a585a00')) return (source) => source
  const { XzReadableStream } = (await import('xz-decompress')).default
  return (source) => new XzReadableStream(Readable.toWeb(Readable.from(source)) as ReadableStream<Uint8Array>)
}

function unzstd(path: string): Transform {
  // Node 22 has it from 22.15 on.
  if (typeof zlib.createZstdDecompress === 'function') return zlib.createZstdDecompress()
  throw new BoottorrentError('FORMAT', `${path} is packed by zstd, which Node ${process.version} cannot unpack.`, {
    hint: 'Use Node 24, or unpack it first: zstd -d.',
  })
}

/** Passes bytes on and stops at a bomb. */
async function* upToTheLimit(path: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw broken(path, 'it unpacks to more than 64 GiB')
    yield chunk
  }
}

async function beginning(path: string): Promise<string> {
  await using file = await open(path, READING)
  if (!(await file.stat()).isFile()) throw broken(path, 'it is not a regular file')
  const head = Buffer.alloc(6)
  await file.read(head, 0, head.length, 0)
  return head.toString('hex')
}

function explained(path: string, error: unknown): unknown {
  if (error instanceof BoottorrentError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'ENOENT' || code === 'EIO') {
    return new BoottorrentError('FILE', `${path} cannot be read (${code}).`, {
      hint: 'Check the path and the rights.',
      cause: error,
    })
  }
  return broken(path, message, error)
}

function broken(path: string, why: string, cause?: unknown): BoottorrentError {
  return new BoottorrentError('FORMAT', `${path} is no archive that can be read to its end: ${why}.`, {
    hint: 'A root file system is a tar archive, packed by gzip, xz, zstd or not at all. Make or download it again.',
    cause,
  })
}
