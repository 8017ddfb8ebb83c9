import { BoottorrentError } from '../errors.ts'
import { type FolderFile, listFolder } from '../served-folder.ts'
import { type HashOptions, hashFiles } from './hash-files.ts'
import { HashRecord } from './hash-record.ts'
import { choosePieceLength, encodeMetainfo, PIECE_HASH_BYTES } from './metainfo.ts'

/** A folder to make a torrent of. */
export interface TorrentSource extends HashOptions {
  /** Name of the torrent, which becomes the folder that machines download into. */
  readonly name: string
  /** Folder whose files are served. */
  readonly directory: string
  /** Tracker URLs, best first; an inner list is a tier whose trackers are equally good (BEP 12). */
  readonly announce: readonly (string | readonly string[])[]
  /** Names, relative to the folder, that stay out of the torrent. */
  readonly exclude?: readonly string[]
  /** Folder in which hashes are remembered. Left out: everything is read each time. */
  readonly record?: string | undefined
  /** Bytes of a piece, a power of 2. Left out: chosen by size. */
  readonly pieceLength?: number
}

/** A torrent of a folder. Sizes are in bytes. */
export interface MadeTorrent {
  /** The bytes of the .torrent file. */
  readonly torrent: Uint8Array
  /** 40 hexadecimal digits. */
  readonly infoHash: string
  /** Length of all files together. */
  readonly bytes: number
  readonly pieceLength: number
  /** Whether the files were read, or their hashes remembered. */
  readonly source: 'files' | 'record'
  /** Why the hashes could not be remembered, so that the files are read again the next time. */
  readonly unrecorded?: Error
}

/**
 * Makes the torrent of a folder. The same files give the same bytes, in whatever order the disk lists them.
 *
 * @throws BoottorrentError FILE when the folder is empty, has something that cannot be served, cannot be read, or changes
 *   meanwhile; the reason of the signal when it is aborted.
 */
export async function makeTorrent(options: TorrentSource): Promise<MadeTorrent> {
  const { name, directory, announce, exclude = [] } = options
  const files = await listFolder(directory, exclude)
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  if (bytes === 0) {
    throw new BoottorrentError('FILE', `${directory} has no content to serve`, {
      hint: 'Put the files of the operating system into it, or remove the folder.',
    })
  }
  const pieceLength = options.pieceLength ?? choosePieceLength(bytes)
  const { pieces, ...found } = await findPieces(files, pieceLength, options)
  const tiers = announce.map((tier) => (typeof tier === 'string' ? [tier] : tier))
  const { torrent, infoHash } = encodeMetainfo({ name, files, pieceLength, pieces, announce: tiers })
  return { torrent, infoHash, bytes, pieceLength, ...found }
}

async function findPieces(
  files: readonly FolderFile[],
  pieceLength: number,
  { name, directory, exclude = [], record, signal, onProgress }: TorrentSource,
): Promise<Pick<MadeTorrent, 'source' | 'unrecorded'> & { pieces: Uint8Array }> {
  const remembered = record === undefined ? undefined : new HashRecord(record, name)
  const known = await remembered?.recall(files, pieceLength)
  if (known !== undefined && known.length === countPieces(files, pieceLength) * PIECE_HASH_BYTES) {
    return { pieces: known, source: 'record' }
  }
  const pieces = await hashFiles(files, pieceLength, { signal, onProgress })
  await refuseChanges(files, directory, exclude)
  // The record is only a help: what is not remembered is read again the next time.
  const unrecorded = await remembered?.keep(files, pieceLength, pieces, Date.now()).catch((error: Error) => error)
  return { pieces, source: 'files', ...(unrecorded instanceof Error ? { unrecorded } : {}) }
}

function countPieces(files: readonly FolderFile[], pieceLength: number): number {
  return Math.ceil(files.reduce((sum, file) => sum + file.size, 0) / pieceLength)
}

async function refuseChanges(before: readonly FolderFile[], directory: string, exclude: readonly string[]) {
  const after = await listFolder(directory, exclude)
  if (JSON.stringify(before) === JSON.stringify(after)) return
  const changed = after.find((file, index) => JSON.stringify(file) !== JSON.stringify(before[index]))
  throw new BoottorrentError('FILE', `${changed?.path ?? directory} changed while its torrent was made`, {
    hint: 'Wait until nothing writes there any more, and try again.',
  })
}
