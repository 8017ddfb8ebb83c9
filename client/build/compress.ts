/** The compressions that Debian's kernels unpack an initrd from. */

import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { BoottorrentError } from '../../src/errors.ts'
import { runBytes } from './run.ts'

export const COMPRESSIONS = ['xz', 'gzip', 'zstd'] as const

/** xz is smallest on the wire, gzip is unpacked soonest by a slow CPU, zstd lies between. */
export type Compression = (typeof COMPRESSIONS)[number]

export const SUFFIX: Readonly<Record<Compression, string>> = { xz: '.xz', gzip: '.gz', zstd: '.zst' }

export function asCompression(name: string): Compression {
  const found = COMPRESSIONS.find((known) => known === name)
  if (found) return found
  throw new BoottorrentError('USAGE', `there is no compression ${name}`, {
    hint: `Choose one of ${COMPRESSIONS.join(', ')}.`,
  })
}

/**
 * Compresses a file. The same bytes in give the same bytes out.
 *
 * The result is filled up with zeros to a multiple of four bytes: the kernel takes a following uncompressed segment only there, and
 * skips the zeros.
 */
export async function compress(from: string, to: string, compression: Compression): Promise<void> {
  const packed = await compressed(from, compression)
  const filling = Buffer.alloc((4 - (packed.length % 4)) % 4)
  await writeFile(to, Buffer.concat([packed, filling]))
}

async function compressed(from: string, compression: Compression): Promise<Buffer> {
  switch (compression) {
    case 'gzip':
      // Node writes no time and no name into the header.
      return promisify(gzip)(await readFile(from), { level: 9 })
    case 'xz':
      // The kernel knows no check but CRC32. One thread: more would split the stream into blocks and make it larger.
      return runBytes('xz', ['--check=crc32', '--x86', '--lzma2=preset=9e', '--threads=1', '--stdout', from])
    case 'zstd':
      return runBytes('zstd', ['-19', '--no-progress', '--single-thread', '--stdout', from])
  }
}
