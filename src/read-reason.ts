/** Why a file could not be read, as the end of a sentence. */
export function readReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // What the system calls an "i/o error" is a disk, or the way to it, that cannot give what is on it.
  if ((error as NodeJS.ErrnoException).code === 'EIO') return 'its disk cannot read it (EIO)'
  return error.message
}
