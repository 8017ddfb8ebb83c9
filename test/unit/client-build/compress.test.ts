import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { asCompression, COMPRESSIONS, compress } from '../../../client/build/compress.ts'

/** Commands made by others that unpack to standard output, and what they make of the zeros at the end. */
const UNPACK = {
  xz: (file: string) => execFileSync('xz', ['-dc', file]),
  // gzip mentions the zeros with a warning, status 2.
  gzip: (file: string) => execFileSync('sh', ['-c', 'gzip -dc <"$1" 2>/dev/null || [ $? = 2 ]', 'sh', file]),
  // zstd stops at bytes that are no frame: the output before them is whole.
  zstd: (file: string) => execFileSync('sh', ['-c', 'zstd -dc <"$1" 2>/dev/null || true', 'sh', file]),
}

for (const compression of COMPRESSIONS) {
  test(`${compression} is unpacked by the program of that name`, async () => {
    for (const length of [0, 1, 4096, 70_001]) {
      const { input, packed } = await pack(compression, length)
      expect(UNPACK[compression](packed).equals(input)).toBe(true)
    }
  })

  test(`${compression} ends at a multiple of four bytes, where the kernel looks for the next segment`, async () => {
    for (const length of [0, 1, 2, 3, 100, 1001, 70_001]) {
      const { packed } = await pack(compression, length)
      expect((await readFile(packed)).length % 4).toBe(0)
    }
  })

  test(`${compression} of the same bytes is the same bytes`, async () => {
    const first = await readFile((await pack(compression, 70_001)).packed)
    const second = await readFile((await pack(compression, 70_001)).packed)
    expect(first.equals(second)).toBe(true)
  })
}

test('xz carries the only check that the kernel knows', async () => {
  const { packed } = await pack('xz', 70_001)
  // Stream flags: the format's fixed first byte, then the type of the check; 1 is CRC32 (xz file format 2.1.1.2).
  expect([...(await readFile(packed)).subarray(6, 8)]).toEqual([0, 1])
})

test('an unknown compression is refused with the list of known ones', () => {
  expect(asCompression('zstd')).toBe('zstd')
  expect(() => asCompression('lzma')).toThrow('there is no compression lzma')
})

/** Text that is not the same everywhere and not noise either. */
async function pack(
  compression: (typeof COMPRESSIONS)[number],
  length: number,
): Promise<{ input: Buffer; packed: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'boottorrent-compress-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const text = Array.from({ length: Math.ceil(length / 5) }, (_, index) => `${(index * 7919) % 10_007}.`).join('')
  const input = Buffer.from(text.slice(0, length))
  const from = join(folder, 'in')
  const packed = join(folder, 'out')
  await writeFile(from, input)
  await compress(from, packed, compression)
  return { input, packed }
}
