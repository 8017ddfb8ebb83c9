import { execFileSync } from 'node:child_process'
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeHeader } from '../../../src/initrd/header.ts'
import { type InitrdEntry, packInitrd } from '../../../src/initrd/index.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'initrd-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

async function pack(entries: Iterable<InitrdEntry> | AsyncIterable<InitrdEntry>): Promise<Buffer> {
  return buffer(packInitrd(entries))
}

/** The header fields of the entry that begins at `offset`, as buffer-format.rst lays them out. */
function fieldsAt(bytes: Buffer, offset = 0) {
  const field = (index: number) =>
    Number.parseInt(bytes.toString('latin1', offset + 6 + index * 8, offset + 14 + index * 8), 16)
  const nameLength = field(11)
  return {
    magic: bytes.toString('latin1', offset, offset + 6),
    inode: field(0),
    mode: field(1),
    owner: [field(2), field(3)],
    links: field(4),
    time: field(5),
    size: field(6),
    device: [field(9), field(10)],
    name: bytes.toString('utf8', offset + 110, offset + 110 + nameLength - 1),
    next: align(align(offset + 110 + nameLength) + field(6)),
  }
}

function align(offset: number): number {
  return Math.ceil(offset / 4) * 4
}

function listing(bytes: Buffer) {
  const entries = []
  for (let offset = 0; ; ) {
    const fields = fieldsAt(bytes, offset)
    entries.push(fields)
    if (fields.name === 'TRAILER!!!') return entries
    offset = fields.next
  }
}

describe('an initrd', () => {
  test('begins each entry with a newc header and ends with a trailer on a multiple of 512 bytes', async () => {
    const bytes = await pack([{ path: 'init', mode: 0o755, content: 'abc' }])

    expect(fieldsAt(bytes)).toEqual({
      magic: '070701',
      inode: 1,
      mode: 0o100755,
      owner: [0, 0],
      links: 1,
      time: 0,
      size: 3,
      device: [0, 0],
      name: 'init',
      next: 120,
    })
    expect(bytes.toString('latin1', 116, 120)).toBe('abc\0')
    expect(fieldsAt(bytes, 120).name).toBe('TRAILER!!!')
    expect(bytes.length % 512).toBe(0)
  })

  test('without entries is only a trailer', async () => {
    const bytes = await pack([])
    expect(bytes.length).toBe(512)
    expect(fieldsAt(bytes).name).toBe('TRAILER!!!')
  })

  test('gives every type its mode and default permissions', async () => {
    const bytes = await pack([
      { path: 'd', type: 'directory' },
      { path: 'f', content: new Uint8Array([1, 2]) },
      { path: 'l', type: 'symlink', content: 'd/target' },
      { path: 'c', type: 'character', device: [5, 1], mode: 0o620 },
      { path: 'b', type: 'block', device: [8, 0] },
    ])
    expect(listing(bytes).map(({ name, mode, size, device }) => [name, mode.toString(8), size, device])).toEqual([
      ['d', '40755', 0, [0, 0]],
      ['f', '100644', 2, [0, 0]],
      ['l', '120777', 8, [0, 0]],
      ['c', '20620', 0, [5, 1]],
      ['b', '60600', 0, [8, 0]],
      ['TRAILER!!!', '0', 0, [0, 0]],
    ])
  })

  test('adds the directories that are missing above an entry, once', async () => {
    const bytes = await pack([
      { path: 'etc', type: 'directory', mode: 0o700 },
      { path: 'etc/init.d/start' },
      { path: 'etc/init.d/stop' },
      { path: 'etc/init.d', type: 'directory' },
    ])
    expect(listing(bytes).map(({ name, mode }) => `${name} ${mode.toString(8)}`)).toEqual([
      'etc 40700',
      'etc/init.d 40755',
      'etc/init.d/start 100644',
      'etc/init.d/stop 100644',
      'TRAILER!!! 0',
    ])
  })

  test('numbers inodes in sequence', async () => {
    const bytes = await pack([{ path: 'a/b' }, { path: 'c' }])
    expect(listing(bytes).map(({ inode }) => inode)).toEqual([1, 2, 3, 0])
  })

  test('counts the bytes of a name and of text, not its letters', async () => {
    const bytes = await pack([{ path: 'größe', content: 'ü' }])
    expect(fieldsAt(bytes)).toMatchObject({ name: 'größe', size: 2 })
  })

  test('takes entries that arrive one by one', async () => {
    async function* entries(): AsyncGenerator<InitrdEntry> {
      yield { path: 'a' }
      yield { path: 'b' }
    }
    expect(listing(await pack(entries())).map(({ name }) => name)).toEqual(['a', 'b', 'TRAILER!!!'])
  })

  test('reads a file from disk in full, whatever its size', async () => {
    const file = join(directory, 'big')
    const content = Buffer.alloc(2.5 * 1024 * 1024, 'boottorrent')
    await writeFile(file, content)
    const bytes = await pack([{ path: 'big', file }])
    expect(fieldsAt(bytes).size).toBe(content.length)
    expect(bytes.subarray(116, 116 + content.length).equals(content)).toBe(true)
  })
})

describe('an initrd refuses', () => {
  const refusal = (entries: unknown[]) => pack(entries as InitrdEntry[]).catch((error) => error)

  test.each([
    ['an absolute name', '/etc/passwd'],
    ['a name that climbs out', 'etc/../../passwd'],
    ['the folder itself', '.'],
    ['an empty name', ''],
    ['a trailing slash', 'etc/'],
    ['two slashes', 'etc//passwd'],
    ['a NUL in the name', 'etc\0passwd'],
    ['half a surrogate pair', 'etc/\ud800'],
    ['the name of the trailer', 'TRAILER!!!'],
    ['a name the kernel would skip', 'a'.repeat(4096)],
  ])('%s', async (_, path) => {
    expect(await refusal([{ path }])).toMatchObject({ code: 'FORMAT', hint: expect.any(String) })
  })

  test.each([
    ['the same name twice', [{ path: 'a' }, { path: 'a' }]],
    [
      'a directory twice',
      [
        { path: 'a', type: 'directory' },
        { path: 'a', type: 'directory' },
      ],
    ],
    ['an entry inside a file', [{ path: 'a' }, { path: 'a/b' }]],
    ['an entry inside a symlink', [{ path: 'a', type: 'symlink', content: 'b' }, { path: 'a/b' }]],
    ['a file where a directory already is', [{ path: 'a/b' }, { path: 'a' }]],
    ['a mode for a directory that is already there', [{ path: 'a/b' }, { path: 'a', type: 'directory', mode: 0o700 }]],
    ['a mode with type bits', [{ path: 'a', mode: 0o100644 }]],
    ['a mode that is no whole number', [{ path: 'a', mode: 1.5 }]],
    ['a symlink to nowhere', [{ path: 'a', type: 'symlink' }]],
    ['a symlink with a NUL', [{ path: 'a', type: 'symlink', content: 'b\0c' }]],
    ['a device without numbers', [{ path: 'a', type: 'block' }]],
    ['device numbers on a file', [{ path: 'a', device: [1, 3] }]],
    ['device numbers beyond 32 bits', [{ path: 'a', type: 'block', device: [8, 2 ** 32] }]],
    ['negative device numbers', [{ path: 'a', type: 'block', device: [-1, 0] }]],
    ['a directory with content', [{ path: 'a', type: 'directory', content: 'x' }]],
    ['two sources of content', [{ path: 'a', content: 'x', file: '/dev/null' }]],
  ])('%s', async (_, entries) => {
    expect(await refusal(entries)).toMatchObject({ code: 'FORMAT', hint: expect.any(String) })
  })

  test('a size of 4 GiB', () => {
    const owned = { owner: [0, 0], modified: 0, names: 1 } as const
    const header = { inode: 1, type: 'file', permissions: 0o644, device: [0, 0], path: 'disk.img', ...owned } as const
    expect(() => encodeHeader({ ...header, size: 2 ** 32 })).toThrow(/size 4294967296 of disk.img does not fit/)
    expect(() => encodeHeader({ ...header, size: 2 ** 32 - 1 })).not.toThrow()
  })

  test('a file that grows or shrinks while it is packed', async () => {
    const file = join(directory, 'moving')
    for (const change of [() => appendFile(file, 'more'), () => truncate(file, 10)]) {
      await writeFile(file, Buffer.alloc(3 * 1024 * 1024))
      const packing = packInitrd([{ path: 'moving', file }])
      await packing.next()
      await change()
      await expect(buffer(packing)).rejects.toMatchObject({ code: 'FORMAT' })
    }
  })

  test('a file that is not there, and one that is no plain file', async () => {
    expect(await refusal([{ path: 'a', file: join(directory, 'none') }])).toMatchObject({ code: 'FILE' })
    expect(await refusal([{ path: 'a', file: directory }])).toMatchObject({ code: 'FILE' })
    expect(await refusal([{ path: 'a', file: '/dev/null' }])).toMatchObject({ code: 'FILE' })
    execFileSync('mkfifo', [join(directory, 'fifo')])
    expect(await refusal([{ path: 'a', file: join(directory, 'fifo') }])).toMatchObject({ code: 'FILE' })
  })
})
