import { expect, test, vi } from 'vitest'
import { PieceCache } from '../../../src/seeder/piece-cache.ts'

const SIZE = 10
const piece = (byte: number) => vi.fn(async (memory: Uint8Array) => memory.fill(byte))

/** Borrows a piece, gives it back at once and returns a copy of its bytes. */
async function look(cache: PieceCache, key: number, read: ReturnType<typeof piece>): Promise<Uint8Array> {
  const { bytes, release } = await cache.lend(key, SIZE, read)
  release()
  return Uint8Array.from(bytes)
}

test('a piece is read once for all who want it, at the same time and later', async () => {
  const cache = new PieceCache(100)
  const read = piece(1)
  const [one, other] = await Promise.all([cache.lend(0, SIZE, read), cache.lend(0, SIZE, read)])
  expect(one.bytes).toBe(other.bytes)
  await cache.lend(0, SIZE, read)
  expect(read).toHaveBeenCalledTimes(1)
})

test('a piece that is here is lent at once', async () => {
  const cache = new PieceCache(100)
  const { bytes } = await cache.lend(0, SIZE, piece(1))
  expect(cache.lend(0, SIZE, piece(2))).toMatchObject({ bytes })
})

test('keys are given out once', () => {
  const cache = new PieceCache(100)
  const first = cache.reserveKeys(5)
  expect(cache.reserveKeys(1)).toBe(first + 5)
})

test('what was not wanted for longest goes first when the memory is full', async () => {
  const cache = new PieceCache(25)
  await look(cache, 0, piece(1))
  await look(cache, 1, piece(2))
  await look(cache, 0, piece(1))
  await look(cache, 2, piece(3))
  const readA = piece(1)
  const readB = piece(2)
  await look(cache, 0, readA)
  await look(cache, 1, readB)
  expect(readA).not.toHaveBeenCalled()
  expect(readB).toHaveBeenCalledTimes(1)
  expect(cache.size).toBe(20)
})

test('the memory of a piece that goes is used for the next one', async () => {
  const cache = new PieceCache(10)
  const first = await cache.lend(0, SIZE, piece(1))
  first.release()
  const second = await cache.lend(1, SIZE, piece(2))
  expect(second.bytes).toBe(first.bytes)
  expect(Uint8Array.from(second.bytes)).toEqual(new Uint8Array(SIZE).fill(2))
})

test('a piece that somebody still sends is never overwritten, and what was kept above the limit is given back', async () => {
  const cache = new PieceCache(20)
  const lent = await Promise.all([0, 1, 2, 3].map((key) => cache.lend(key, SIZE, piece(key))))
  expect(cache.size).toBe(40)
  expect(lent.map(({ bytes }) => bytes[0])).toEqual([0, 1, 2, 3])
  for (const { release } of lent) release()
  await look(cache, 4, piece(5))
  expect(cache.size).toBe(20)
})

test('what would be kept above the limit is told beforehand', async () => {
  const cache = new PieceCache(25)
  const lent = [await cache.lend(0, SIZE, piece(0)), await cache.lend(1, SIZE, piece(1))]
  expect([cache.canLend(0, SIZE), cache.canLend(2, SIZE)]).toEqual([true, false])
  lent[0]?.release()
  expect(cache.canLend(2, SIZE)).toBe(true)
})

test('a piece larger than the memory is served, alone', async () => {
  const cache = new PieceCache(5)
  await look(cache, 0, piece(1))
  expect(await look(cache, 1, piece(2))).toEqual(new Uint8Array(SIZE).fill(2))
  expect(cache.size).toBe(10)
})

test('a failed reading is not kept', async () => {
  const cache = new PieceCache(100)
  const failing = async () => {
    throw new Error('disk')
  }
  await expect(cache.lend(0, SIZE, failing)).rejects.toThrow('disk')
  expect(cache.size).toBe(0)
  expect(await look(cache, 0, piece(1))).toEqual(new Uint8Array(SIZE).fill(1))
})
