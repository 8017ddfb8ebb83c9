/** Seeded damage to a real image: whatever it says, reading ends soon, with what it found or with one sentence. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { IsoVolume } from '../../../src/add/iso9660/volume.ts'
import { bootables } from '../../../src/add/menus/in-image.ts'
import { BoottorrentError } from '../../../src/errors.ts'
import { seededRandom } from '../dhcp/mutate.ts'
import { fuzzSettings } from '../fuzz-settings.ts'

const { cases: CASES, seeds: SEEDS } = fuzzSettings({ cases: 300, seeds: [1, 9660] })

const folder = mkdtempSync(path.join(tmpdir(), 'boottorrent-iso-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(SEEDS)('seed %i', (seed) => {
  test('a damaged image never hangs the reader or grows it', async () => {
    const whole = realImage()
    const random = seededRandom(seed)
    const file = path.join(folder, `damaged-${seed}.iso`)
    for (let index = 0; index < CASES; index += 1) {
      const bytes = Buffer.from(whole)
      // Descriptors and folders lie in front; there every byte means something.
      for (let count = 1 + Math.floor(random() * 8); count > 0; count -= 1) {
        bytes[0x8000 + Math.floor(random() * Math.min(bytes.length - 0x8000, 0x10000))] = Math.floor(random() * 256)
      }
      writeFileSync(file, bytes.subarray(0, random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length))
      await readAll(file).catch((error: unknown) => {
        expect(error, `case ${index}`).toBeInstanceOf(BoottorrentError)
      })
    }
  }, 0)
})

async function readAll(file: string): Promise<void> {
  await using iso = await IsoVolume.open(file)
  await bootables(iso)
  await iso.find('link')
}

function realImage(): Buffer {
  const root = path.join(folder, 'root')
  mkdirSync(path.join(root, 'isolinux'), { recursive: true })
  writeFileSync(path.join(root, 'isolinux/isolinux.cfg'), 'label a\nkernel vmlinuz\nappend initrd=initrd.gz\n')
  for (const name of ['vmlinuz', 'initrd.gz']) writeFileSync(path.join(root, 'isolinux', name), 'HdrS'.repeat(300))
  const image = path.join(folder, 'whole.iso')
  execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-J', '-o', image, root], { stdio: 'ignore' })
  return readFileSync(image)
}
