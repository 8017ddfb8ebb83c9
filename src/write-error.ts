import { BoottorrentError } from './errors.ts'

/** What `start` writes is small beside what it serves. */
const ROOM_FOR_START = 'Make room there; the images of the systems themselves are not copied.'

/**
 * What a failed write to this folder of the environment means, in words that help.
 *
 * @param room what to do when the disk is full
 */
export function writeError(
  folder: string,
  cause: NodeJS.ErrnoException,
  room: string = ROOM_FOR_START,
): BoottorrentError {
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') {
    return new BoottorrentError('FILE', `There is no room left on the disk to write ${folder}.`, { hint: room, cause })
  }
  if (cause.code === 'EACCES' || cause.code === 'EPERM' || cause.code === 'EROFS') {
    const hint = 'Give this user the right to write there, or copy the environment to a place where it has it.'
    return new BoottorrentError('PERMISSION', `This user may not write to ${folder}.`, { hint, cause })
  }
  return new BoottorrentError('FILE', `${folder} cannot be written: ${cause.message}.`, { cause })
}
