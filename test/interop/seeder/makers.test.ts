import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import parseTorrent from 'parse-torrent'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTorrent } from '../../../src/seeder/index.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'makers-'))
  mkdirSync(join(folder, 'debian/boot/grub'), { recursive: true })
  const files = ['Zebra', 'boot/grub/grub.cfg', 'boot/initrd.img', 'boot-old', 'boot/vmlinuz', 'größe', 'empty']
  for (const [index, name] of files.entries()) {
    writeFileSync(join(folder, 'debian', name), name === 'empty' ? '' : Buffer.alloc(3_000_000 * index + 17, name))
  }
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test.each([15, 18, 20])('mktorrent gives the same info-hash, with pieces of 2^%i bytes', async (exponent) => {
  const file = join(folder, 'foreign.torrent')
  execFileSync('mktorrent', [
    '-d',
    '-l',
    String(exponent),
    '-a',
    'http://a/announce',
    '-o',
    file,
    join(folder, 'debian'),
  ])
  const foreign = await parseTorrent(readFileSync(file))
  const { infoHash } = await makeTorrent({
    name: 'debian',
    directory: join(folder, 'debian'),
    announce: [],
    pieceLength: 2 ** exponent,
  })
  expect(infoHash).toBe(foreign.infoHash)
})
