import { BoottorrentError } from './errors.ts'

/** What a failed write to this folder of the environment means, in words that help. */
export function writeError(folder: string, cause: NodeJS.ErrnoException): BoottorrentError {
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') {
    const hint = 'Make room there; the images of the systems themselves are not copied.'
    return new BoottorrentError('FILE', `There is no room left on the disk to write ${folder}.`, { hint, cause })
  }
  if (cause.code === 'EACCES' || cause.code === 'EPERM' || cause.code === 'EROFS') {
    const hint = 'Give this user the right to write there, or copy the environment to a place where it has it.'
    return new BoottorrentError('PERMISSION', `This user may not write to ${folder}.`, { hint, cause })
  }
  return new BoottorrentError('FILE', `${folder} cannot be written: ${cause.message}.`, { cause })
}
