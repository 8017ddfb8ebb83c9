import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CHUNK_SIZE, ChunkCache } from '../../../src/tftp/chunk-cache.ts'
import { type Content, openContent } from '../../../src/tftp/content.ts'
import { randomBytes, seeded } from './random.ts'

let folder: string
let cache: ChunkCache

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tftp-content-'))
  cache = new ChunkCache(8 * CHUNK_SIZE)
})
afterEach(() => rmSync(folder, { recursive: true }))

function fileOf(bytes: Uint8Array, name = 'file'): { name: string; size: number; path: string } {
  const file = path.join(folder, name)
  writeFileSync(file, bytes)
  return { name, size: bytes.length, path: file }
}

async function readAll(content: Content, blockSize: number): Promise<Buffer> {
  const block = Buffer.alloc(blockSize)
  const parts: Buffer[] = []
  for (let offset = 0; offset < content.size; offset += blockSize) {
    const length = Math.min(blockSize, content.size - offset)
    while (!content.copy(offset, length, block, 0)) await content.fetch(offset, length)
    parts.push(Buffer.from(block.subarray(0, length)))
  }
  return Buffer.concat(parts)
}

const bytes = randomBytes(seeded(1), 3 * CHUNK_SIZE + 17)

describe.each([8, 1468, 65464])('in blocks of %d', (blockSize) => {
  const size = blockSize === 8 ? CHUNK_SIZE + 5 : bytes.length

  test('a file is read whole', async () => {
    const content = await openContent(fileOf(bytes.subarray(0, size)), cache)
    expect((await readAll(content, blockSize)).equals(bytes.subarray(0, size))).toBe(true)
    await content.close()
  })

  test('bytes in memory are read whole', async () => {
    const part = bytes.subarray(0, size)
    const content = await openContent({ name: 'x', size, bytes: part }, cache)
    expect((await readAll(content, blockSize)).equals(part)).toBe(true)
  })
})

test('a file larger than the cache is read whole, and the cache stays within its bound', async () => {
  const small = new ChunkCache(2 * CHUNK_SIZE)
  const content = await openContent(fileOf(bytes), small)
  expect((await readAll(content, 1468)).equals(bytes)).toBe(true)
  expect(small.bytes).toBeLessThanOrEqual(2 * CHUNK_SIZE)
  await content.close()
})

test('two readers at once share one read of each piece', async () => {
  let reads = 0
  const read = async () => {
    reads += 1
    return Buffer.from('piece')
  }
  const pieces = await Promise.all([cache.get('a', read), cache.get('a', read), cache.get('a', read)])
  expect(new Set(pieces).size).toBe(1)
  expect(reads).toBe(1)
})

test('when the reader that everyone waits for fails, the others read for themselves', async () => {
  const failing = cache.get('a', () => Promise.reject(new Error('closed')))
  const other = cache.get('a', async () => Buffer.from('piece'))
  await expect(failing).rejects.toThrow('closed')
  expect((await other).toString()).toBe('piece')
})

test('the piece that was asked for longest ago is forgotten first', async () => {
  const tight = new ChunkCache(20)
  const read = async () => Buffer.alloc(10)
  await tight.get('a', read)
  await tight.get('b', read)
  await tight.get('a', read)
  await tight.get('c', read)
  let again: string[] = []
  const watched = (key: string) => async () => {
    again = [...again, key]
    return Buffer.alloc(10)
  }
  await tight.get('a', watched('a'))
  await tight.get('b', watched('b'))
  expect(again).toEqual(['b'])
})

describe('never serves bytes that are not the file’s', () => {
  test('truncated while it is read', async () => {
    const file = fileOf(bytes)
    const content = await openContent(file, cache)
    truncateSync(file.path, 10)
    await expect(content.fetch(2 * CHUNK_SIZE, 1468)).rejects.toMatchObject({ code: 'FILE' })
    await content.close()
  })

  test('written over while it is read', async () => {
    const file = fileOf(bytes)
    const content = await openContent(file, cache)
    writeFileSync(file.path, Buffer.alloc(bytes.length))
    utimesSync(file.path, 1, 1)
    await expect(content.fetch(0, 1468)).rejects.toMatchObject({ code: 'FILE' })
    await content.close()
  })

  test('grown since it was published', async () => {
    const file = fileOf(bytes)
    appendFileSync(file.path, 'more')
    await expect(openContent(file, cache)).rejects.toMatchObject({ code: 'FILE' })
  })

  test('replaced by another one: a new transfer reads the new one', async () => {
    const file = fileOf(bytes)
    const former = await openContent(file, cache)
    await readAll(former, 1468)
    await former.close()
    const other = randomBytes(seeded(2), bytes.length)
    rmSync(file.path)
    writeFileSync(file.path, other)
    utimesSync(file.path, 5, 5)
    const content = await openContent(file, cache)
    expect((await readAll(content, 1468)).equals(other)).toBe(true)
    await content.close()
  })
})

describe('refuses what is no regular file', () => {
  test.each([
    ['missing', () => {}],
    ['a directory', (at: string) => mkdirSync(at)],
    ['a FIFO, without waiting for a writer', (at: string) => execFileSync('mkfifo', [at])],
    ['a device', (at: string) => symlinkSync('/dev/zero', at)],
    ['a link to nowhere', (at: string) => symlinkSync('nowhere', at)],
  ])('%s', async (_what, make) => {
    const at = path.join(folder, 'odd')
    make(at)
    await expect(openContent({ name: 'odd', size: 0, path: at }, cache)).rejects.toMatchObject({ code: 'FILE' })
  })

  test('a link to a regular file is fine: the table was made by us', async () => {
    const file = fileOf(bytes)
    symlinkSync('file', path.join(folder, 'link'))
    const content = await openContent({ ...file, path: path.join(folder, 'link') }, cache)
    expect(content.size).toBe(bytes.length)
    await content.close()
  })
})
