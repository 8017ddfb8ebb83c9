/** What a .torrent file tells a machine that downloads it. */
import bencode from 'bencode'
import { decodeMetainfo, PIECE_HASH_BYTES } from '../seeder/metainfo.ts'

export interface Torrent {
  /** 40 hexadecimal digits. */
  readonly infoHash: string
  /** Name of its folder. */
  readonly name: string
  /** With forward slashes, in the order in which the pieces go through them. */
  readonly files: readonly string[]
  /** Length of everything in it. */
  readonly bytes: number
  readonly pieceLength: number
  /** The SHA-1 of each piece. */
  readonly hashes: readonly Uint8Array[]
  /** URL of its tracker by HTTP. */
  readonly tracker: string
}

/** @throws Error when it is none, or names no tracker by HTTP */
export function readTorrent(file: Uint8Array): Torrent {
  const { infoHash, name, files, pieceLength, pieces } = decodeMetainfo(file)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const hashes = Array.from({ length: pieces.length / PIECE_HASH_BYTES }, (_, index) =>
    pieces.subarray(index * PIECE_HASH_BYTES, (index + 1) * PIECE_HASH_BYTES),
  )
  const tracker = trackersOf(file).find((url) => url.startsWith('http:'))
  if (tracker === undefined) throw new Error('the torrent has no tracker by HTTP')
  return { infoHash, name, files: files.map((one) => one.name), bytes, pieceLength, hashes, tracker }
}

/** BEP 12. */
function trackersOf(file: Uint8Array): string[] {
  const { 'announce-list': tiers = [] } = bencode.decode(file) as { 'announce-list'?: Uint8Array[][] }
  return tiers.flat().map((url) => Buffer.from(url).toString())
}
