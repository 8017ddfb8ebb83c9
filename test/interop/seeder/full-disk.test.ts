/** A disk that has no room for the record of hashes. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('a full disk is told of, and what could not be remembered is seeded all the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'full-'))
  const disk = join(folder, 'disk')
  const images = join(folder, 'oss')
  await mkdir(disk)
  await mkdir(images)
  const namespace = process.getuid?.() === 0 ? ['-m'] : ['-U', '-r', '-m']
  // The disk is in the program's own view of the file system, and ends with it.
  const mounted = 'mount -t tmpfs -o size=64k none "$4" && exec "$1" "$2" "$3" "$4"'
  const script = fileURLToPath(new URL('full-disk.ts', import.meta.url))
  try {
    const words = [...namespace, 'sh', '-c', mounted, 'sh', process.execPath, script, images, disk]
    const { stdout } = await promisify(execFile)('unshare', words)
    expect(JSON.parse(stdout)).toEqual({
      whileFull: [
        {
          event: 'torrent.unrecorded',
          message:
            'The hashes of demo could not be remembered, so it is read again at the next start: There is no room left on the ' +
            `disk to write ${disk}/hashes. Make room there; the images of the systems themselves are not copied.`,
        },
      ],
      leftOver: [],
      isServed: true,
      afterwards: 0,
      remembered: ['demo.json'],
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})
