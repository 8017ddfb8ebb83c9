import { expect, test, vi } from 'vitest'
import { PieceCache } from '../../../src/seeder/piece-cache.ts'

const piece = (byte: number) => vi.fn(async () => new Uint8Array(10).fill(byte))

test('a piece is read once for all who want it, at the same time and later', async () => {
  const cache = new PieceCache(100)
  const read = piece(1)
  const both = await Promise.all([cache.get('a', 10, read), cache.get('a', 10, read)])
  expect(both[0]).toBe(both[1])
  await cache.get('a', 10, read)
  expect(read).toHaveBeenCalledTimes(1)
})

test('what was not wanted for longest goes first when the memory is full', async () => {
  const cache = new PieceCache(25)
  await cache.get('a', 10, piece(1))
  await cache.get('b', 10, piece(2))
  await cache.get('a', 10, piece(1))
  await cache.get('c', 10, piece(3))
  const readA = piece(1)
  const readB = piece(2)
  await cache.get('a', 10, readA)
  await cache.get('b', 10, readB)
  expect(readA).not.toHaveBeenCalled()
  expect(readB).toHaveBeenCalledTimes(1)
  expect(cache.size).toBe(20)
})

test('a piece larger than the memory is served, alone', async () => {
  const cache = new PieceCache(5)
  await cache.get('a', 10, piece(1))
  expect(await cache.get('b', 10, piece(2))).toEqual(new Uint8Array(10).fill(2))
  expect(cache.size).toBe(10)
})

test('a failed reading is not kept', async () => {
  const cache = new PieceCache(100)
  const failing = async () => {
    throw new Error('disk')
  }
  await expect(cache.get('a', 10, failing)).rejects.toThrow('disk')
  expect(cache.size).toBe(0)
  expect(await cache.get('a', 10, piece(1))).toEqual(new Uint8Array(10).fill(1))
})
