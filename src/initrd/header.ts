import { BoottorrentError } from '../errors.ts'
import type { EntryType } from './index.ts'

/** What one newc header says. */
export interface Header {
  readonly inode: number
  readonly type: EntryType
  readonly permissions: number
  readonly size: number
  readonly device: readonly [major: number, minor: number]
  readonly owner: readonly [user: number, group: number]
  /** Seconds since 1970. */
  readonly modified: number
  /** Names that the file has. */
  readonly names: number
  readonly path: string
}

/** Name of the entry that ends an archive. */
export const TRAILER = 'TRAILER!!!'

const MAGIC = '070701'
const FIXED_BYTES = 110
const FIELD_MAXIMUM = 0xffffffff

/** The S_IFMT bits of stat(2). */
const FILE_TYPE: { readonly [type in EntryType]: number } = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  character: 0o020000,
  block: 0o060000,
  // Another name of a file is a file with the same inode.
  link: 0o100000,
}

/** One header with its name, filled up with zeros to where the content begins. */
export function encodeHeader(header: Header): Uint8Array {
  return encode(header.path, [
    ['inode', header.inode],
    ['mode', FILE_TYPE[header.type] | header.permissions],
    ['uid', header.owner[0]],
    ['gid', header.owner[1]],
    ['nlink', header.type === 'directory' ? 2 : header.names],
    ['mtime', header.modified],
    ['size', header.size],
    ['device major', 0],
    ['device minor', 0],
    ['device major', header.device[0]],
    ['device minor', header.device[1]],
  ])
}

/** The end of an archive. */
export function encodeTrailer(): Uint8Array {
  const fields = Array.from({ length: 11 }, (_, index): [string, number] => ['trailer', index === 4 ? 1 : 0])
  return encode(TRAILER, fields)
}

/** How many zeros fill `length` up to a multiple of `boundary`. */
export function padding(length: number, boundary: number): number {
  return (boundary - (length % boundary)) % boundary
}

function encode(path: string, fields: readonly [name: string, value: number][]): Uint8Array {
  const name = Buffer.from(`${path}\0`)
  const check = 0
  const values = [...fields, ['name length', name.length] as const, ['check', check] as const]
  const fixed = MAGIC + values.map(([field, value]) => hexadecimal(path, field, value)).join('')
  const bytes = Buffer.alloc(FIXED_BYTES + name.length + padding(FIXED_BYTES + name.length, 4))
  bytes.write(fixed, 'latin1')
  bytes.set(name, FIXED_BYTES)
  return bytes
}

function hexadecimal(path: string, field: string, value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > FIELD_MAXIMUM) {
    throw new BoottorrentError(
      'FORMAT',
      `The ${field} ${value} of ${path} does not fit the 32 bits of a cpio archive`,
      {
        hint:
          field === 'size'
            ? 'Files in an initrd must be smaller than 4 GiB.'
            : `Give a whole ${field} from 0 to 2^32-1.`,
      },
    )
  }
  return value.toString(16).toUpperCase().padStart(8, '0')
}
