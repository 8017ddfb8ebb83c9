import { expect, test, vi } from 'vitest'
import { PieceCache } from '../../../src/seeder/piece-cache.ts'

const SIZE = 10
const piece = (byte: number) => vi.fn(async (memory: Uint8Array) => memory.fill(byte))

/** Borrows a piece, gives it back at once and returns a copy of its bytes. */
async function look(cache: PieceCache, key: string, read: ReturnType<typeof piece>): Promise<Uint8Array> {
  const { bytes, release } = await cache.lend(key, SIZE, read)
  release()
  return Uint8Array.from(bytes)
}

test('a piece is read once for all who want it, at the same time and later', async () => {
  const cache = new PieceCache(100)
  const read = piece(1)
  const [one, other] = await Promise.all([cache.lend('a', SIZE, read), cache.lend('a', SIZE, read)])
  expect(one.bytes).toBe(other.bytes)
  await cache.lend('a', SIZE, read)
  expect(read).toHaveBeenCalledTimes(1)
})

test('what was not wanted for longest goes first when the memory is full', async () => {
  const cache = new PieceCache(25)
  await look(cache, 'a', piece(1))
  await look(cache, 'b', piece(2))
  await look(cache, 'a', piece(1))
  await look(cache, 'c', piece(3))
  const readA = piece(1)
  const readB = piece(2)
  await look(cache, 'a', readA)
  await look(cache, 'b', readB)
  expect(readA).not.toHaveBeenCalled()
  expect(readB).toHaveBeenCalledTimes(1)
  expect(cache.size).toBe(20)
})

test('the memory of a piece that goes is used for the next one', async () => {
  const cache = new PieceCache(10)
  const first = await cache.lend('a', SIZE, piece(1))
  first.release()
  const second = await cache.lend('b', SIZE, piece(2))
  expect(second.bytes).toBe(first.bytes)
  expect(Uint8Array.from(second.bytes)).toEqual(new Uint8Array(SIZE).fill(2))
})

test('a piece that somebody still sends is never overwritten, and what was kept above the limit is given back', async () => {
  const cache = new PieceCache(20)
  const lent = await Promise.all(['a', 'b', 'c', 'd'].map((key, index) => cache.lend(key, SIZE, piece(index))))
  expect(cache.size).toBe(40)
  expect(lent.map(({ bytes }) => bytes[0])).toEqual([0, 1, 2, 3])
  for (const { release } of lent) release()
  await look(cache, 'e', piece(5))
  expect(cache.size).toBe(20)
})

test('a piece larger than the memory is served, alone', async () => {
  const cache = new PieceCache(5)
  await look(cache, 'a', piece(1))
  expect(await look(cache, 'b', piece(2))).toEqual(new Uint8Array(SIZE).fill(2))
  expect(cache.size).toBe(10)
})

test('a failed reading is not kept', async () => {
  const cache = new PieceCache(100)
  const failing = async () => {
    throw new Error('disk')
  }
  await expect(cache.lend('a', SIZE, failing)).rejects.toThrow('disk')
  expect(cache.size).toBe(0)
  expect(await look(cache, 'a', piece(1))).toEqual(new Uint8Array(SIZE).fill(1))
})
