import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type InitrdEntry, packInitrd } from '../../../src/initrd/index.ts'

const cpioStream = createRequire(import.meta.url)('cpio-stream')

let directory: string
let archive: Buffer

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'initrd-readers-'))
  writeFileSync(join(directory, 'kernel'), Buffer.alloc(100_001, 'vmlinuz'))
  const entries: InitrdEntry[] = [
    { path: 'init', mode: 0o755, content: '#!/bin/sh\n' },
    { path: 'bin', type: 'directory', mode: 0o711 },
    { path: 'bin/sh', type: 'symlink', content: 'busybox' },
    { path: 'boottorrent/torrents/größe.torrent', content: new Uint8Array([0, 1, 2]) },
    { path: 'empty', content: '' },
    { path: 'kernel', file: join(directory, 'kernel') },
  ]
  archive = await buffer(packInitrd(entries))
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const NAMES = [
  'init',
  'bin',
  'bin/sh',
  'boottorrent',
  'boottorrent/torrents',
  'boottorrent/torrents/größe.torrent',
  'empty',
  'kernel',
]

describe.each([
  ['GNU cpio', 'cpio', ['-idm', '--no-absolute-filenames', '--quiet']],
  ['libarchive', 'bsdtar', ['-xpf', '-']],
  ['busybox', 'busybox', ['cpio', '-idm']],
])('%s', (_, program, words) => {
  test('unpacks what was packed', () => {
    const into = mkdtempSync(join(directory, 'unpacked-'))
    execFileSync(program, words, { cwd: into, input: archive, stdio: ['pipe', 'pipe', 'pipe'] })

    const permissions = (name: string) => (lstatSync(join(into, name)).mode & 0o7777).toString(8)
    expect(readFileSync(join(into, 'init'), 'utf8')).toBe('#!/bin/sh\n')
    expect(permissions('init')).toBe('755')
    expect(permissions('bin')).toBe('711')
    expect(readlinkSync(join(into, 'bin/sh'))).toBe('busybox')
    expect([...readFileSync(join(into, 'boottorrent/torrents/größe.torrent'))]).toEqual([0, 1, 2])
    expect(permissions('boottorrent/torrents')).toBe('755')
    expect(lstatSync(join(into, 'empty')).size).toBe(0)
    expect(readFileSync(join(into, 'kernel')).equals(readFileSync(join(directory, 'kernel')))).toBe(true)
    expect(lstatSync(join(into, 'init')).mtimeMs).toBe(0)
  })

  test('gives a file all its names', async () => {
    const into = mkdtempSync(join(directory, 'linked-'))
    const input = await buffer(
      packInitrd([
        { path: 'bin/perl', mode: 0o755, content: 'program', names: 2 },
        { path: 'bin/perl5', type: 'link', content: 'bin/perl' },
      ]),
    )
    execFileSync(program, words, { cwd: into, input, stdio: ['pipe', 'pipe', 'pipe'] })

    const [first, second] = ['bin/perl', 'bin/perl5'].map((name) => lstatSync(join(into, name)))
    expect(readFileSync(join(into, 'bin/perl5'), 'utf8')).toBe('program')
    expect(second?.ino).toBe(first?.ino)
    expect(second?.mode).toBe(first?.mode)
  })
})

test('GNU cpio lists devices with their numbers', async () => {
  const packed = packInitrd([{ path: 'dev/console', type: 'character', mode: 0o600, device: [5, 1] }])
  const input = await buffer(packed)
  const list = execFileSync('cpio', ['-tv', '--quiet'], { input, encoding: 'utf8' })
  expect(list).toMatch(/^crw------- .* 5, +1 .* dev\/console$/m)
})

test('cpio-stream reads every entry with its content', async () => {
  const extract = cpioStream.extract()
  const seen: string[] = []
  const sizes = new Map<string, number>()
  extract.on('entry', (header: { name: string }, stream: Readable, next: () => void) => {
    seen.push(header.name)
    let size = 0
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
    })
    stream.on('end', () => {
      sizes.set(header.name, size)
      next()
    })
    stream.resume()
  })
  await new Promise((resolve, reject) => {
    extract.on('finish', resolve).on('error', reject)
    Readable.from([archive]).pipe(extract)
  })
  // It reads names as ASCII.
  expect(seen).toEqual(NAMES.map((name) => Buffer.from(name).toString('ascii')))
  expect(sizes.get('kernel')).toBe(100_001)
})
