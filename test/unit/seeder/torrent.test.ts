import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import bencode from 'bencode'
import createTorrent from 'create-torrent'
import parseTorrent from 'parse-torrent'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type HashOptions, hashFiles } from '../../../src/seeder/hash-files.ts'
import { makeTorrent, type TorrentSource } from '../../../src/seeder/index.ts'
import {
  addTrackers,
  choosePieceLength,
  decodeMetainfo,
  encodeMetainfo,
  takeTrackers,
} from '../../../src/seeder/metainfo.ts'

const MEBIBYTE = 1024 * 1024

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torrent-'))
  await mkdir(join(folder, 'os/boot'), { recursive: true })
  await writeFile(join(folder, 'os/boot/kernel'), Buffer.alloc(300_000, 'vmlinuz'))
  await writeFile(join(folder, 'os/initrd'), Buffer.alloc(123_457, 'initrd'))
  await writeFile(join(folder, 'os/empty'), '')
})

afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

function make(options: Partial<TorrentSource> = {}) {
  return makeTorrent({ name: 'os', directory: join(folder, 'os'), announce: [], ...options })
}

/** The same torrent as another program makes it. */
function makeForeign(pieceLength: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const options = { name: 'os', pieceLength, announceList: [] }
    createTorrent(join(folder, 'os'), options, (error, torrent) => (error ? reject(error) : resolve(torrent)))
  })
}

describe('a torrent', () => {
  test('has the info-hash that create-torrent gives', async () => {
    const { torrent, infoHash, pieceLength, bytes } = await make()
    const foreign = await parseTorrent(await makeForeign(pieceLength))
    const parsed = await parseTorrent(torrent)
    expect(infoHash).toBe(foreign.infoHash)
    expect(parsed).toMatchObject({ infoHash, name: 'os', length: 423_457, pieceLength })
    expect(bytes).toBe(423_457)
  })

  test('has the info-hash that create-torrent gives when threads hash it', async () => {
    await writeFile(join(folder, 'os/image'), Buffer.alloc(20 * MEBIBYTE + 11, 'an image'))
    const { infoHash } = await make({ pieceLength: 65536 })
    expect(infoHash).toBe((await parseTorrent(await makeForeign(65536))).infoHash)
  })

  test('names its trackers in tiers, and nothing that changes from one making to the next', async () => {
    const { torrent } = await make({ announce: ['http://a/announce', ['udp://b/announce', 'udp://c/announce']] })
    const decoded = bencode.decode(torrent) as { [key: string]: unknown }
    const text = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(text) : Buffer.from(value as Uint8Array).toString()
    expect(Object.keys(decoded)).toEqual(['announce', 'announce-list', 'info'])
    expect(text(decoded.announce)).toBe('http://a/announce')
    expect(text(decoded['announce-list'])).toEqual([['http://a/announce'], ['udp://b/announce', 'udp://c/announce']])
    expect(Object.keys(decoded.info as object)).toEqual(['files', 'name', 'piece length', 'pieces'])
  })

  test('is the same whatever else is in excluded files', async () => {
    const before = await make({ exclude: ['config.yaml'] })
    await writeFile(join(folder, 'os/config.yaml'), 'method: kexec')
    const after = await make({ exclude: ['config.yaml'] })
    expect(Buffer.from(after.torrent).equals(before.torrent)).toBe(true)
  })

  test('of a folder without content is refused', async () => {
    await mkdir(join(folder, 'none'))
    await writeFile(join(folder, 'none/empty'), '')
    const refused = make({ directory: join(folder, 'none') })
    await expect(refused).rejects.toMatchObject({ code: 'FILE', message: expect.stringContaining('no content') })
  })

  test('is not finished when the signal says stop', async () => {
    await truncate(join(folder, 'os/initrd'), 64 * MEBIBYTE)
    const stop = new AbortController()
    const making = make({
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
      record: join(folder, 'record'),
    })
    stop.abort(new Error('enough'))
    await expect(making).rejects.toThrow('enough')
    expect(await readdir(folder)).toEqual(['os'])
  })

  test('tells its progress up to the end', async () => {
    const seen: number[] = []
    const { bytes } = await make({ onProgress: (done) => seen.push(done) })
    expect(seen.at(-1)).toBe(bytes)
  })

  test('is refused when a file changes while it is made', async () => {
    const change: HashOptions['onProgress'] = () => {
      // The hashes are complete now; what comes next is the look whether they are still true.
      changed ??= appendFileNow()
    }
    let changed: Promise<void> | undefined
    const appendFileNow = () => appendFile(join(folder, 'os/initrd'), 'more')
    await expect(make({ onProgress: change })).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringContaining('changed while its torrent was made'),
    })
    await changed
  })
})

describe('hashes', () => {
  test.each([1_000, 20 * MEBIBYTE])('of a file shorter than it was listed are refused (%i bytes)', async (size) => {
    const path = join(folder, 'os/image')
    await writeFile(path, '')
    await truncate(path, size)
    await expect(hashFiles([{ path, size: size + 1 }], 65536)).rejects.toMatchObject({ code: 'FILE' })
  })

  test.each([1_000, 20 * MEBIBYTE])('of a file that is gone are refused (%i bytes)', async (size) => {
    const gone = hashFiles([{ path: join(folder, 'gone'), size }], 65536)
    await expect(gone).rejects.toMatchObject({ code: 'FILE', message: expect.stringContaining('gone') })
  })

  // What lies at the beginning of a process's memory is nothing, for which the kernel's word is the one for a broken disk.
  test.skipIf(process.platform !== 'linux')(
    'of a file that its disk cannot read are refused, and the disk is named',
    async () => {
      await expect(hashFiles([{ path: '/proc/self/mem', size: 1_000 }], 65536)).rejects.toMatchObject({
        code: 'FILE',
        message: '/proc/self/mem cannot be read to its end: its disk cannot read it (EIO)',
      })
    },
  )
})

describe('the record of hashes', () => {
  const record = () => join(folder, 'record')
  /** Files that were changed a moment ago are not trusted; this lets a minute pass. */
  const later = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })

  test('spares reading an unchanged folder', async () => {
    later()
    const first = await make({ record: record() })
    const second = await make({ record: record() })
    expect([first.source, second.source]).toEqual(['files', 'record'])
    expect(Buffer.from(second.torrent).equals(first.torrent)).toBe(true)
  })

  test('is not kept of files that were changed a moment ago', async () => {
    await make({ record: record() })
    expect((await make({ record: record() })).source).toBe('files')
  })

  test.each([
    ['content changed', () => writeFile(join(folder, 'os/initrd'), Buffer.alloc(123_457, 'INITRD'))],
    ['file was added', () => writeFile(join(folder, 'os/more'), 'x')],
    ['file was renamed', () => rename(join(folder, 'os/initrd'), join(folder, 'os/other'))],
    [
      'file was replaced',
      async () => {
        await writeFile(join(folder, 'new'), Buffer.alloc(123_457, 'INITRD'))
        await rename(join(folder, 'new'), join(folder, 'os/initrd'))
      },
    ],
  ])('is not used when a %s', async (_, change) => {
    later()
    const first = await make({ record: record() })
    await change()
    const second = await make({ record: record() })
    expect(second.source).toBe('files')
    expect(second.infoHash).not.toBe(first.infoHash)
  })

  test('is not used for another piece length', async () => {
    later()
    await make({ record: record() })
    expect((await make({ record: record(), pieceLength: 16384 })).source).toBe('files')
  })

  test.each(['', 'nonsense', '{"version":1}', '[]', 'null', '{"version":2}'])(
    'that is damaged is not used: %j',
    async (text) => {
      later()
      const first = await make({ record: record() })
      const [name] = await readdir(record())
      await writeFile(join(record(), `${name}`), text)
      expect(await make({ record: record() })).toMatchObject({ source: 'files', infoHash: first.infoHash })
    },
  )

  test('with too few hashes is not used', async () => {
    later()
    await make({ record: record() })
    const file = join(record(), 'os.json')
    const recorded = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...recorded, pieces: recorded.pieces.slice(0, 20) }))
    expect((await make({ record: record() })).source).toBe('files')
  })
})

describe('a torrent that is read', () => {
  const pieces = new Uint8Array(20)
  const encode = (names: string[][]) => {
    const files = names.map((path) => ({ length: 1, path }))
    return bencode.encode({ info: { files, name: 'os', 'piece length': 16384, pieces } })
  }

  test('is what was written, with the same info-hash', async () => {
    const made = await make()
    const foreign = await makeForeign(made.pieceLength)
    const decoded = decodeMetainfo(foreign)
    expect(decoded.infoHash).toBe(made.infoHash)
    expect(encodeMetainfo({ ...decoded, announce: [] }).infoHash).toBe(made.infoHash)
    expect(decoded.files).toContainEqual({ name: 'boot/kernel', size: 300_000 })
  })

  test('must carry a folder', () => {
    const one = bencode.encode({ info: { length: 5, name: 'disc.iso', 'piece length': 16384, pieces } })
    expect(() => decodeMetainfo(one)).toThrow(expect.objectContaining({ code: 'FORMAT' }))
  })

  test.each([[['..', 'x']], [['a', '..', 'x']], [['/etc/passwd']], [['a/../../x']], [['']], [['a\0b']], [[]]])(
    'must not lead out of its folder: %j',
    (path) => {
      expect(() => decodeMetainfo(encode([path as string[]]))).toThrow(expect.objectContaining({ code: 'FORMAT' }))
    },
  )
})

test.each([
  [1, 65536],
  [64 * MEBIBYTE, 65536],
  [64 * MEBIBYTE + 1, 131072],
  [256 * MEBIBYTE, 262144],
  [1024 * MEBIBYTE, MEBIBYTE],
  [4096 * MEBIBYTE, 4 * MEBIBYTE],
  [1e12, 4 * MEBIBYTE],
])('%i bytes are cut into pieces of %i', (bytes, pieceLength) => {
  expect(choosePieceLength(bytes)).toBe(pieceLength)
})

describe('trackers of a torrent', () => {
  const metainfo = { name: 'os', files: [{ name: 'a', size: 5 }], pieceLength: 16384, pieces: Buffer.alloc(20) }
  const listed = (torrent: Uint8Array) => Buffer.from(torrent).toString('latin1')

  test('that are added are tiers behind those that there are, and the info-hash stays', () => {
    const { torrent, infoHash } = encodeMetainfo({ ...metainfo, announce: [['http://a/', 'http://b/']] })
    const more = addTrackers(torrent, ['udp://c:1/', 'http://d/'])
    expect(listed(more)).toContain(
      'd8:announce9:http://a/13:announce-listll9:http://a/9:http://b/el10:udp://c:1/el9:http://d/ee4:infod',
    )
    expect(decodeMetainfo(more).infoHash).toBe(infoHash)
  })

  test('that are taken out leave no empty tier, and the info-hash stays', () => {
    const { torrent, infoHash } = encodeMetainfo({ ...metainfo, announce: [['http://a/', 'http://b/'], ['http://c/']] })
    const { torrent: less, taken } = takeTrackers(torrent, (url) => url !== 'http://b/')
    expect(taken).toEqual(['http://a/', 'http://c/'])
    expect(listed(less)).toContain('d8:announce9:http://b/13:announce-listll9:http://b/ee4:infod')
    expect(decodeMetainfo(less).infoHash).toBe(infoHash)
    const { torrent: none } = takeTrackers(torrent, () => true)
    expect(none).toEqual(encodeMetainfo({ ...metainfo, announce: [] }).torrent)
    expect(takeTrackers(none, () => true).taken).toEqual([])
  })

  test('that are added are the only ones of a torrent that has none, and none change nothing', () => {
    const { torrent } = encodeMetainfo({ ...metainfo, announce: [] })
    expect(listed(addTrackers(torrent, ['http://a/']))).toContain(
      'd8:announce9:http://a/13:announce-listll9:http://a/ee4:info',
    )
    expect(addTrackers(torrent, [])).toBe(torrent)
  })
})
