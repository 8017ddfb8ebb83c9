/** Reads an initrd segment as the Linux kernel unpacks it: the newc flavour of cpio, not compressed. */
import { padding, TRAILER } from '../initrd/header.ts'

/** Bytes of a header before the name: a magic number of 6 digits and 13 fields of 8 hexadecimal digits. */
const FIXED_BYTES = 110
const MAGIC = '070701'
const SIZE_FIELD = 6
const NAME_FIELD = 11

/**
 * The files of an archive by their paths; folders have no bytes.
 *
 * @throws Error when it is none
 */
export function readArchive(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  let at = 0
  while (at + FIXED_BYTES <= archive.length) {
    if (archive.toString('latin1', at, at + MAGIC.length) !== MAGIC) throw new Error(`no newc header at byte ${at}`)
    const nameLength = field(archive, at, NAME_FIELD)
    const size = field(archive, at, SIZE_FIELD)
    const nameAt = at + FIXED_BYTES
    const name = archive.toString('utf8', nameAt, nameAt + nameLength - 1)
    if (name === TRAILER) return files
    const contentAt = at + FIXED_BYTES + nameLength + padding(FIXED_BYTES + nameLength, 4)
    files.set(name, archive.subarray(contentAt, contentAt + size))
    at = contentAt + size + padding(size, 4)
  }
  throw new Error('the archive has no end')
}

function field(archive: Buffer, header: number, index: number): number {
  const start = header + MAGIC.length + index * 8
  return Number.parseInt(archive.toString('latin1', start, start + 8), 16)
}
