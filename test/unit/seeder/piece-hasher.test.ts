import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PieceHasher } from '../../../src/seeder/piece-hasher.ts'

let hasher: PieceHasher
const threads: Worker[] = []
const noteThread = (thread: Worker) => void threads.push(thread)

beforeEach(() => {
  threads.length = 0
  process.on('worker', noteThread)
  hasher = new PieceHasher()
})

afterEach(() => {
  process.off('worker', noteThread)
  hasher.close()
})

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')

function shared(bytes: Uint8Array): Uint8Array {
  const memory = new Uint8Array(new SharedArrayBuffer(bytes.length))
  memory.set(bytes)
  return memory
}

test('each piece gets its own hash, however many are asked for at once', async () => {
  const pieces = Array.from({ length: 20 }, (_, index) => randomBytes(1000 + index))
  const inPlace = pieces.map((piece) => hasher.hash(shared(piece)))
  const read = pieces.map((piece) => hasher.hashOf(piece.length, async (memory) => memory.set(piece)))
  expect(await Promise.all(inPlace)).toEqual(pieces.map(sha1))
  expect(await Promise.all(read)).toEqual(pieces.map(sha1))
})

test('no more than two pieces are in memory at a time', async () => {
  let now = 0
  let most = 0
  const memories = new Set<unknown>()
  const read = async (memory: Uint8Array) => {
    memories.add(memory.buffer)
    now += 1
    most = Math.max(most, now)
    await new Promise(setImmediate)
    now -= 1
  }
  await Promise.all(Array.from({ length: 10 }, () => hasher.hashOf(1000, read)))
  expect(most).toBe(2)
  expect(memories.size).toBe(2)
})

test('a piece that cannot be read is told of, and the next one is hashed', async () => {
  const failing = async () => {
    throw new Error('disk')
  }
  await expect(hasher.hashOf(10, failing)).rejects.toThrow('disk')
  expect(await hasher.hashOf(10, async (memory) => void memory.fill(1))).toBe(sha1(Buffer.alloc(10, 1)))
})

test('pieces that were with a thread that dies are hashed all the same, and another thread takes the next ones', async () => {
  const pieces = Array.from({ length: 5 }, (_, index) => Buffer.alloc(1_000_000, index + 1))
  const hashes = pieces.map((piece) => hasher.hash(shared(piece)))
  const [thread] = (await once(process, 'worker')) as [Worker]
  await thread.terminate()
  expect(await Promise.all(hashes)).toEqual(pieces.map(sha1))
  expect(await hasher.hash(shared(Buffer.alloc(10, 1)))).toBe(sha1(Buffer.alloc(10, 1)))
  expect(threads).toHaveLength(2)
})

test('what is being hashed fails when it is closed', async () => {
  const failure = expect(hasher.hash(shared(Buffer.alloc(10)))).rejects.toThrow('nobody needs it any more')
  hasher.close()
  await failure
})
