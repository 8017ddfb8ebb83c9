import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Piece } from '../../../client/build/pieces.ts'
import { baseEntries, driverEntries } from '../../../client/build/segments.ts'
import { packInitrd } from '../../../src/initrd/index.ts'

test('the base segment holds what /init needs before it has mounted anything', async () => {
  const listing = list(await pack(await base()))
  expect(listing).toContain('crw------- 0/0 5,1 dev/console')
  expect(listing).toContain('-rwxr-xr-x 0/0 init')
  expect(listing).toContain('lrwxrwxrwx 0/0 bin/sh -> busybox')
  for (const folder of ['proc', 'sys', 'run', 'tmp']) expect(listing).toContain(`drwxr-xr-x 0/0 ${folder}`)
  for (const program of ['bin/busybox', 'bin/aria2c', 'bin/tui', 'sbin/kexec']) {
    expect(listing).toContain(`-rwxr-xr-x 0/0 ${program}`)
  }
})

test('a folder comes before what is in it, and once', async () => {
  const paths = (await base()).map((entry) => entry.path)
  expect(new Set(paths).size).toBe(paths.length)
  for (const path of paths.filter((name) => name.includes('/'))) {
    expect(paths.indexOf(dirname(path))).toBeGreaterThanOrEqual(0)
    expect(paths.indexOf(dirname(path))).toBeLessThan(paths.indexOf(path))
  }
})

test('time, mask and odd modes of the checkout leave no trace', async () => {
  const first = await tree()
  const second = await tree()
  await chmod(join(second, 'etc/profile'), 0o600)
  await chmod(join(second, 'init'), 0o700)
  await utimes(join(second, 'etc/profile'), 1, 1)
  expect((await pack(await base(first))).equals(await pack(await base(second)))).toBe(true)
})

test('without a menu the segment is whole otherwise', async () => {
  const paths = (await base(await tree(), false)).map((entry) => entry.path)
  expect(paths).not.toContain('bin/tui')
  expect(paths).toContain('bin/aria2c')
})

test('a drivers segment holds modules and the lists that modprobe reads, no others', async () => {
  const folder = await temporary({
    'modules/lib/modules/6.1/kernel/net/a.ko': '',
    'modules/lib/modules/6.1/modules.dep': '',
    'modules/lib/modules/6.1/modules.alias': '',
    'modules/lib/modules/6.1/modules.alias.bin': '',
    'modules/lib/modules/6.1/modules.order': '',
  })
  const paths = (await driverEntries(piece(folder), 'modules')).map((entry) => entry.path)
  expect(paths.filter((path) => path.includes('6.1/'))).toEqual([
    'lib/modules/6.1/kernel',
    'lib/modules/6.1/kernel/net',
    'lib/modules/6.1/kernel/net/a.ko',
    'lib/modules/6.1/modules.alias',
    'lib/modules/6.1/modules.dep',
  ])
})

async function tree(): Promise<string> {
  const folder = await temporary({ init: '#!/bin/sh', 'etc/profile': 'x', 'sbin/helper': 'y' })
  await chmod(join(folder, 'init'), 0o755)
  await symlink('init', join(folder, 'linuxrc'))
  return folder
}

async function base(rootfs?: string, tui = true) {
  const folder = await temporary({ busybox: 'b', kexec: 'k', aria2c: 'a', tui: 't' })
  const one = piece(folder)
  return baseEntries(rootfs ?? (await tree()), { busybox: one, kexec: one, aria2: one, tui: tui ? one : undefined })
}

function piece(folder: string): Piece {
  return { folder, inputs: [], package: { kind: 'source', name: 'x', version: '1', files: [] } }
}

async function pack(entries: Parameters<typeof packInitrd>[0]): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of packInitrd(entries)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What cpio says is in the archive: mode, owner, device numbers, name. */
function list(archive: Buffer): string[] {
  const text = execFileSync('cpio', ['-tvn', '--quiet'], { input: archive, encoding: 'utf8', env: { LC_ALL: 'C' } })
  return text.split('\n').map((line) => {
    const match = /^(\S+)\s+\d+\s+(\d+)\s+(\d+)\s+(\d+(?:,\s*\d+)?) \S+ +\S+ +\S+ (.*)$/.exec(line)
    if (!match) return line
    const [, mode, user, group, size = '', name] = match
    return [mode, `${user}/${group}`, ...(size.includes(',') ? [size.replace(/\s/g, '')] : []), name].join(' ')
  })
}

async function temporary(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'boottorrent-segments-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}
