import { expect, test } from 'vitest'
import { bootScript } from '../../../src/boot-script.ts'
import { readArchive } from '../../../src/demo/archive.ts'
import { readBootScript } from '../../../src/demo/boot-files.ts'
import { packInitrd } from '../../../src/initrd/index.ts'

const names = (flavour: string) => ({ kernel: `vmlinuz-${flavour}`, segments: [`drivers-${flavour}`] })

test('the boot script names a kernel and its segments, and not what only rare cards need', () => {
  const script = bootScript({
    host: '192.0.2.1',
    httpPort: 8000,
    cmdline: 'quiet',
    kernels: { '686': names('686'), '686-pae': names('686-pae'), amd64: names('amd64') },
    shared: ['base', 'environment.img'],
    secureBoot: 'secure',
  })
  const { kernel, segments, cmdline } = readBootScript(script)
  expect(kernel).toBe('http://192.0.2.1:8000/vmlinuz-amd64')
  expect(segments).toEqual(['base', 'environment.img', 'drivers-amd64'].map((name) => `http://192.0.2.1:8000/${name}`))
  expect(cmdline).toContain('boottorrent.server=http://192.0.2.1:8000')
})

test.each(['', '#!ipxe\nshell\n', ':amd64\nboot\n'])('a script without a kernel is none: %j', (script) => {
  expect(() => readBootScript(script)).toThrow('the boot script has no kernel')
})

async function archive(): Promise<Buffer> {
  const parts: Uint8Array[] = []
  const entries = [
    { path: 'boottorrent', type: 'directory' as const },
    { path: 'boottorrent/config.json', content: '{}' },
    { path: 'boottorrent/torrents', type: 'directory' as const },
    { path: 'boottorrent/torrents/a.torrent', content: new Uint8Array([1, 2, 3]) },
  ]
  for await (const part of packInitrd(entries)) parts.push(part)
  return Buffer.concat(parts)
}

test('an archive gives back what was packed', async () => {
  const files = readArchive(await archive())
  expect(files.size).toBe(4)
  expect(files.get('boottorrent/torrents')).toHaveLength(0)
  expect(files.get('boottorrent/config.json')?.toString()).toBe('{}')
  expect([...(files.get('boottorrent/torrents/a.torrent') ?? [])]).toEqual([1, 2, 3])
})

test('an archive that is cut off, or is none, is refused', async () => {
  const whole = await archive()
  expect(() => readArchive(whole.subarray(0, 200))).toThrow('the archive has no end')
  expect(() => readArchive(Buffer.alloc(200))).toThrow('no newc header at byte 0')
})
