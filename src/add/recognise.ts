/** Says what a file is by its own bytes; its name says little, and often the wrong thing. */
import { open } from 'node:fs/promises'
import { BoottorrentError } from '../errors.ts'
import { READING } from '../reading.ts'

export type Kind =
  | 'linux-kernel'
  | 'initrd'
  | 'iso'
  | 'disk'
  | 'floppy'
  | 'tar'
  | 'gzip'
  | 'xz'
  | 'zstd'
  | 'elf'
  | 'script'
  | 'unknown'

/** A file that was looked at. */
export interface Recognised {
  readonly path: string
  readonly size: number
  readonly kind: Kind
  /** QEMU's name of a disk image's format; `raw` for everything else. */
  readonly diskFormat: 'raw' | 'qcow2' | 'vmdk' | 'vdi' | 'vhdx'
}

/** What is needed of the beginning: the volume descriptor of an ISO image ends here. */
const HEAD = 0x8800

/** Sizes of 3.5 and 5.25 inch disks. */
const FLOPPY_SIZES = [368_640, 737_280, 1_228_800, 1_474_560, 2_949_120]

const LARGEST_FLOPPY = 2_949_120

function isAt(head: Buffer, { offset, bytes }: { readonly offset: number; readonly bytes: string }): boolean {
  return head.toString('latin1', offset, offset + bytes.length) === bytes
}

interface Magic {
  readonly kind: Kind
  readonly offset: number
  readonly bytes: string
  readonly diskFormat?: Recognised['diskFormat']
}

/** The first that fits counts: an ISO image may begin like a disk, and a kernel ends its first sector like one. */
const MAGICS: readonly Magic[] = [
  // Documentation/arch/x86/boot.rst of the kernel.
  { kind: 'linux-kernel', offset: 0x202, bytes: 'HdrS' },
  { kind: 'iso', offset: 0x8001, bytes: 'CD001' },
  { kind: 'initrd', offset: 0, bytes: '070701' },
  { kind: 'initrd', offset: 0, bytes: '070702' },
  { kind: 'tar', offset: 257, bytes: 'ustar' },
  { kind: 'gzip', offset: 0, bytes: '\x1f\x8b' },
  { kind: 'xz', offset: 0, bytes: '\xfd7zXZ\0' },
  { kind: 'zstd', offset: 0, bytes: '\x28\xb5\x2f\xfd' },
  { kind: 'disk', offset: 0, bytes: 'QFI\xfb', diskFormat: 'qcow2' },
  { kind: 'disk', offset: 0, bytes: 'KDMV', diskFormat: 'vmdk' },
  { kind: 'disk', offset: 0x40, bytes: '\x7f\x10\xda\xbe', diskFormat: 'vdi' },
  { kind: 'disk', offset: 0, bytes: 'vhdxfile', diskFormat: 'vhdx' },
  { kind: 'elf', offset: 0, bytes: '\x7fELF' },
  { kind: 'script', offset: 0, bytes: '#!' },
]

/**
 * Looks at the beginning of a file.
 *
 * @throws BoottorrentError FILE when it cannot be read, is no regular file or is empty
 */
export async function recognise(path: string): Promise<Recognised> {
  const { head, size } = await beginningOf(path)
  const magic = MAGICS.find((one) => isAt(head, one))
  const isBootSector = head[510] === 0x55 && head[511] === 0xaa
  // GRUB's rescue floppy holds a CD's file system, too.
  const isFloppyAfterAll = magic?.kind === 'iso' && isBootSector && size <= LARGEST_FLOPPY
  if (isFloppyAfterAll) return { path, size, kind: 'floppy', diskFormat: 'raw' }
  if (magic !== undefined) return { path, size, kind: magic.kind, diskFormat: magic.diskFormat ?? 'raw' }
  if (FLOPPY_SIZES.includes(size)) return { path, size, kind: 'floppy', diskFormat: 'raw' }
  return { path, size, kind: isBootSector ? 'disk' : 'unknown', diskFormat: 'raw' }
}

async function beginningOf(path: string): Promise<{ head: Buffer; size: number }> {
  try {
    await using file = await open(path, READING)
    const stats = await file.stat()
    if (stats.isFile() && stats.size > 0) {
      const head = Buffer.alloc(Math.min(HEAD, stats.size))
      await file.read(head, 0, head.length, 0)
      return { head, size: stats.size }
    }
    const what = stats.isFile() ? 'is empty' : 'is not a regular file'
    throw new BoottorrentError('FILE', `${path} ${what}.`, {
      hint: 'Name the image, kernel, archive or program itself.',
    })
  } catch (cause) {
    if (cause instanceof BoottorrentError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new BoottorrentError('FILE', `${path} ${why}.`, { hint: 'Check the path and the rights.', cause })
  }
}
