import { createHash } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Torrent } from 'webtorrent'
import { PieceCache } from '../../../src/seeder/piece-cache.ts'
import { PieceHasher } from '../../../src/seeder/piece-hasher.ts'
import { PieceStore } from '../../../src/seeder/piece-store.ts'

const PIECE = 1000
const content = Buffer.from(Array.from({ length: 2500 }, (_, index) => index % 251))

let folder: string
let store: PieceStore
const hasher = new PieceHasher()
let damage: ReturnType<typeof vi.fn<(reason: string) => void>>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pieces-'))
  await mkdir(join(folder, 'os'))
  await writeFile(join(folder, 'os/a'), content.subarray(0, 700))
  await writeFile(join(folder, 'os/b'), '')
  await writeFile(join(folder, 'os/c'), content.subarray(700, 900))
  await writeFile(join(folder, 'os/d'), content.subarray(900))
  const hashes = [0, 1000, 2000].map((at) =>
    createHash('sha1')
      .update(content.subarray(at, at + PIECE))
      .digest('hex'),
  )
  damage = vi.fn()
  store = new PieceStore(PIECE, {
    torrent: { infoHash: 'aa'.repeat(20), pieces: hashes } as unknown as Torrent,
    path: folder,
    files: [
      { path: 'os/a', offset: 0, length: 700 },
      { path: 'os/b', offset: 700, length: 0 },
      { path: 'os/c', offset: 700, length: 200 },
      { path: 'os/d', offset: 900, length: 1600 },
    ],
    length: 2500,
    // So small that it keeps only the piece that was asked for last.
    cache: new PieceCache(0),
    hasher,
    admit: (_bytes, task, respond) => {
      task((error, bytes, release) => {
        respond(error, bytes)
        release?.()
      })
    },
    onDamage: damage,
  })
})

afterEach(async () => {
  store.close()
  await rm(folder, { recursive: true, force: true })
})

afterAll(() => hasher.close())

function get(index: number, offset?: number, length?: number): Promise<Uint8Array> {
  const range = { ...(offset === undefined ? {} : { offset }), ...(length === undefined ? {} : { length }) }
  return new Promise((resolve, reject) => {
    store.get(index, range, (error, bytes) => (error || !bytes ? reject(error) : resolve(bytes)))
  })
}

/** As if time had passed between two writings. */
async function rewrite(name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(join(folder, name), bytes)
  await utimes(join(folder, name), 1, 1)
}

test('pieces that span files are whole, the last one is short', async () => {
  expect(Buffer.from(await get(0)).equals(content.subarray(0, 1000))).toBe(true)
  expect(Buffer.from(await get(2)).equals(content.subarray(2000))).toBe(true)
  expect(Buffer.from(await get(1, 100, 300)).equals(content.subarray(1100, 1400))).toBe(true)
})

test.each([
  ['a piece that is not there', 3, 0, 10],
  ['a negative piece', -1, 0, 10],
  ['bytes before the beginning of a piece', 1, -10, 20],
  ['no bytes', 1, 0, 0],
  ['a negative number of bytes', 1, 10, -5],
  ['bytes behind the end of a piece', 0, 900, 101],
  ['bytes behind the end of the last piece', 2, 400, 101],
])('%s cannot be read, and nothing is damaged', async (_, index, offset, length) => {
  await expect(get(index, offset, length)).rejects.toThrow('there are no bytes')
  expect(damage).not.toHaveBeenCalled()
})

test('a file with other bytes than were hashed is never served', async () => {
  await rewrite('os/c', Buffer.alloc(200, 'x'))
  await expect(get(0)).rejects.toMatchObject({ code: 'FILE' })
  expect(damage).toHaveBeenCalledExactlyOnceWith('a or c or d is not what it was when its torrent was made')
  expect(Buffer.from(await get(1)).equals(content.subarray(1000, 2000))).toBe(true)
})

test('a change after a piece was served is noticed when the piece is read again', async () => {
  await get(1)
  await get(2)
  await rewrite('os/d', Buffer.alloc(1600, 'x'))
  await expect(get(1)).rejects.toMatchObject({ code: 'FILE' })
  expect(damage).toHaveBeenCalledTimes(1)
})

test('a change in one file makes every piece be compared again', async () => {
  await get(1)
  await get(2)
  await rewrite('os/d', Buffer.concat([content.subarray(900, 2000), Buffer.alloc(500, 'x')]))
  await get(1)
  await expect(get(2)).rejects.toMatchObject({ code: 'FILE' })
})

test('a file that is only touched or grows goes on being served', async () => {
  await get(1)
  await utimes(join(folder, 'os/d'), 1, 1)
  await get(2)
  await appendFile(join(folder, 'os/d'), 'more')
  expect(Buffer.from(await get(1)).equals(content.subarray(1000, 2000))).toBe(true)
  expect(damage).not.toHaveBeenCalled()
})

test('a truncated file is damage, reported once', async () => {
  await truncate(join(folder, 'os/d'), 50)
  await expect(get(1)).rejects.toThrow(/cannot be read any more: it is shorter/)
  await expect(get(2)).rejects.toThrow(/cannot be read any more/)
  expect(damage).toHaveBeenCalledTimes(1)
})

test('a deleted file that is open is still served; one that was not open is damage', async () => {
  await get(1)
  await rename(join(folder, 'os/d'), join(folder, 'gone'))
  await rm(join(folder, 'gone'))
  expect(Buffer.from(await get(2)).equals(content.subarray(2000))).toBe(true)
  await rm(join(folder, 'os/a'))
  await expect(get(0)).rejects.toMatchObject({ code: 'FILE' })
  expect(damage).toHaveBeenCalledTimes(1)
})

test('nothing is ever written', async () => {
  const failed = new Promise((resolve) => store.put(0, new Uint8Array(PIECE), resolve))
  expect(await failed).toBeInstanceOf(Error)
})

/** Larger than what is read at a time. */
const LARGE = 4 * 1024 * 1024

/** A store of one file of two large pieces. */
async function largeStore(image: Uint8Array): Promise<void> {
  await writeFile(join(folder, 'os/large'), image)
  store.close()
  const pieces = [0, LARGE].map((at) =>
    createHash('sha1')
      .update(large.subarray(at, at + LARGE))
      .digest('hex'),
  )
  store = new PieceStore(LARGE, {
    torrent: { infoHash: 'bb'.repeat(20), pieces } as unknown as Torrent,
    path: folder,
    files: [{ path: 'os/large', offset: 0, length: large.length }],
    length: large.length,
    cache: new PieceCache(2 * LARGE),
    hasher,
    admit: (_bytes, task, respond) => task((error, bytes) => respond(error, bytes)),
    onDamage: damage,
  })
}

const large = Buffer.alloc(LARGE + 1_500_000)
for (let at = 0; at + 4 <= large.length; at += 4) large.writeUInt32LE(at, at)

test('pieces larger than what is read at a time are served from any place, across its borders too', async () => {
  await largeStore(large)
  for (const [offset, length] of [
    [0, 16_384],
    [1_048_576 - 100, 200],
    [LARGE - 16_384, 16_384],
    [0, LARGE],
  ] as const) {
    expect(Buffer.from(await get(0, offset, length)).equals(large.subarray(offset, offset + length))).toBe(true)
  }
  expect(Buffer.from(await get(1, 1_400_000, 100_000)).equals(large.subarray(LARGE + 1_400_000))).toBe(true)
})

test('of a large piece nothing is served when one byte elsewhere in it is wrong', async () => {
  const wrong = Buffer.from(large)
  wrong.writeUInt8(1, LARGE - 1)
  await largeStore(wrong)
  await expect(get(0, 0, 16_384)).rejects.toMatchObject({ code: 'FILE' })
  expect(damage).toHaveBeenCalledExactlyOnceWith('large is not what it was when its torrent was made')
  expect(Buffer.from(await get(1, 0, 100)).equals(large.subarray(LARGE, LARGE + 100))).toBe(true)
})

test('a store that is closed tells of no damage, and opens nothing', async () => {
  store.close()
  await expect(get(1)).rejects.toThrow('it is not served any more')
  expect(damage).not.toHaveBeenCalled()
})
