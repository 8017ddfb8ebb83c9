import { createHash } from 'node:crypto'
import bencode, { type Bencodable } from 'bencode'
import { BoottorrentError } from '../errors.ts'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE

/** BEP 3: a SHA-1 for each piece. */
export const PIECE_HASH_BYTES = 20

/**
 * Bytes of a piece: a power of 2 that gives about a thousand pieces.
 *
 * A machine can pass a piece on only when it has all of it, so a swarm wants many; each one costs a hash and messages to
 * every neighbour, so not too many. `npm run bench -- pieces` compares lengths; docs/performance.md has what it said.
 */
export function choosePieceLength(bytes: number): number {
  let length = 64 * KIBIBYTE
  while (length < 4 * MEBIBYTE && bytes / length > 1024) length *= 2
  return length
}

export interface Metainfo {
  /** Name of the folder that a machine downloads into. */
  readonly name: string
  /** With forward slashes. */
  readonly files: readonly { readonly name: string; readonly size: number }[]
  readonly pieceLength: number
  /** All hashes, one behind the other. */
  readonly pieces: Uint8Array
  /** Tracker URLs in tiers, best first (BEP 12). */
  readonly announce: readonly (readonly string[])[]
}

/**
 * A .torrent file. It has nothing that changes from one making to the next: no date, no name of the program. `private` is
 * left out on purpose: even a 0 would give another info-hash.
 */
export function encodeMetainfo({ name, files, pieceLength, pieces, announce }: Metainfo): {
  readonly torrent: Uint8Array
  /** 40 hexadecimal digits. */
  readonly infoHash: string
} {
  const info = {
    files: files.map((file) => ({ length: file.size, path: file.name.split('/') })),
    name,
    'piece length': pieceLength,
    pieces,
  }
  const torrent: { [key: string]: Bencodable } = { info }
  const first = announce[0]?.[0]
  if (first !== undefined) {
    torrent.announce = first
    torrent['announce-list'] = announce
  }
  const infoHash = createHash('sha1').update(bencode.encode(info)).digest('hex')
  return { torrent: bencode.encode(torrent), infoHash }
}

/**
 * The same torrent with more trackers, each URL a tier behind those that it has (BEP 12). Its info-hash stays.
 *
 * @param torrent one that {@link decodeMetainfo} accepts
 */
export function addTrackers(torrent: Uint8Array, urls: readonly string[]): Uint8Array {
  if (urls.length === 0) return torrent
  const fields = asDictionary(bencode.decode(torrent)) as { [key: string]: Bencodable }
  const { announce, 'announce-list': list } = fields
  const tiers = Array.isArray(list) ? list : announce === undefined ? [] : [[announce]]
  return bencode.encode({
    ...fields,
    announce: announce ?? (urls[0] as string),
    'announce-list': [...tiers, ...urls.map((url) => [url])],
  })
}

/**
 * The same torrent without the trackers that are picked, and these. Its info-hash stays.
 *
 * @param torrent one that {@link decodeMetainfo} accepts
 */
export function takeTrackers(
  torrent: Uint8Array,
  isTaken: (url: string) => boolean,
): { readonly torrent: Uint8Array; readonly taken: readonly string[] } {
  const { announce, 'announce-list': list, ...fields } = asDictionary(bencode.decode(torrent))
  const listed = Array.isArray(list) ? list : [[announce]]
  // A tier that is none, or has something else than texts, is nobody's.
  const tiers = listed.map((tier) =>
    [tier]
      .flat()
      .filter((url) => url instanceof Uint8Array)
      .map(asText),
  )
  const kept = tiers.map((tier) => tier.filter((url) => !isTaken(url))).filter((tier) => tier.length > 0)
  const first = kept[0]?.[0]
  const rest = fields as { [key: string]: Bencodable }
  const left = first === undefined ? rest : { ...rest, announce: first, 'announce-list': kept }
  return { torrent: bencode.encode(left), taken: tiers.flat().filter(isTaken) }
}

/**
 * Reads a .torrent file of somebody else (BEP 3) that carries a folder, as ours do.
 *
 * @throws BoottorrentError FORMAT when it is not one, or when its names lead out of its folder
 */
export function decodeMetainfo(torrent: Uint8Array): DecodedMetainfo {
  try {
    const { info } = asDictionary(bencode.decode(torrent))
    const fields = asDictionary(info)
    const name = asName(fields.name)
    const pieceLength = asSize(fields['piece length'])
    const files = asList(fields.files).map(asFile)
    const pieces = asBytes(fields.pieces)
    const bytes = files.reduce((sum, file) => sum + file.size, 0)
    if (pieceLength === 0 || pieces.length !== Math.ceil(bytes / pieceLength) * PIECE_HASH_BYTES) {
      throw new Error('its hashes do not fit its length')
    }
    const infoHash = createHash('sha1')
      .update(bencode.encode(info as Bencodable))
      .digest('hex')
    return { name, files, pieceLength, pieces, infoHash }
  } catch (cause) {
    throw new BoottorrentError('FORMAT', `This is no torrent that can be used: ${(cause as Error).message}.`, { cause })
  }
}

/** What a .torrent file says of its files. Sizes are in bytes. */
export interface DecodedMetainfo extends Omit<Metainfo, 'announce'> {
  /** 40 hexadecimal digits. */
  readonly infoHash: string
}

function asFile(value: unknown): { name: string; size: number } {
  const { length, path } = asDictionary(value)
  return { name: asList(path).map(asName).join('/'), size: asSize(length) }
}

function asDictionary(value: unknown): { readonly [key: string]: unknown } {
  const isDictionary =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
  if (!isDictionary) throw new Error('a dictionary is missing')
  return value as { readonly [key: string]: unknown }
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new Error('a list is missing')
  return value
}

function asBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error('a text is missing')
  return value
}

function asSize(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error('a length is missing')
  return value as number
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

/** One part of a path. */
function asName(value: unknown): string {
  const name = new TextDecoder('utf-8', { fatal: true }).decode(asBytes(value))
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
    throw new Error('a name leads out of its folder')
  return name
}
