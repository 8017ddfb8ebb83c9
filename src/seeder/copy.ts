/** Whether a folder is a copy of what somebody else seeds. */
import path from 'node:path'
import { type FolderFile, listFolder } from '../served-folder.ts'
import { type HashOptions, hashFiles } from './hash-files.ts'
import { HashRecord } from './hash-record.ts'
import { type DecodedMetainfo, PIECE_HASH_BYTES } from './metainfo.ts'

/** A torrent, and a folder that may be a copy of its files. */
export interface CopyOptions extends HashOptions {
  readonly metainfo: DecodedMetainfo
  /** Folder that may be a copy. Files that are not in the torrent do not matter. */
  readonly directory: string
  /** Folder in which hashes are remembered. Left out: everything is read each time. */
  readonly record?: string | undefined
}

/**
 * Compares names, sizes and then every byte, by hash.
 *
 * @returns what is different, as the end of a sentence; undefined when nothing is
 * @throws BoottorrentError FILE when the folder cannot be read; the reason of the signal when it is aborted
 */
export async function differenceOf({
  metainfo,
  directory,
  record,
  ...options
}: CopyOptions): Promise<string | undefined> {
  const here = new Map((await listFolder(directory, [])).map((file) => [file.name, file]))
  const files: FolderFile[] = []
  for (const { name, size } of metainfo.files) {
    const file = here.get(name)
    if (file === undefined) return `${name} is missing`
    if (file.size !== size) return `${name} has ${file.size} bytes instead of ${size}`
    files.push(file)
  }
  const pieces = await piecesOf(files, metainfo, record, options)
  const different = firstDifference(pieces, metainfo.pieces)
  if (different === undefined) return undefined
  return `${fileAt(metainfo, different)} has other content`
}

async function piecesOf(
  files: readonly FolderFile[],
  { name, pieceLength, pieces: wanted }: DecodedMetainfo,
  record: string | undefined,
  options: HashOptions,
): Promise<Uint8Array> {
  const remembered = record === undefined ? undefined : new HashRecord(record, name)
  const known = await remembered?.recall(files, pieceLength)
  if (known?.length === wanted.length) return known
  const pieces = await hashFiles(files, pieceLength, options)
  // A copy may lie where nobody may write, and a help that is not there is none.
  await remembered?.keep(files, pieceLength, pieces, Date.now()).catch(() => {})
  return pieces
}

/** Number of the first piece that differs. */
function firstDifference(one: Uint8Array, other: Uint8Array): number | undefined {
  for (let at = 0; at < other.length; at += 1) {
    if (one[at] !== other[at]) return Math.floor(at / PIECE_HASH_BYTES)
  }
  return undefined
}

/** Names of the files that a piece has bytes of. */
function fileAt({ files, pieceLength }: DecodedMetainfo, piece: number): string {
  const names: string[] = []
  let offset = 0
  for (const { name, size } of files) {
    const begins = offset < (piece + 1) * pieceLength
    const ends = offset + size > piece * pieceLength
    if (begins && ends && size > 0) names.push(path.posix.basename(name))
    offset += size
  }
  return names.join(' or ')
}
