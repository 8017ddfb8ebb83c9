import { expect, test } from 'vitest'
import { BLOCK_BYTES, Pieces } from '../../../src/demo/pieces.ts'

const PIECE = 4 * BLOCK_BYTES
const all = () => true

function pieces(count: number, bytes = count * PIECE): Pieces {
  return new Pieces({ bytes, pieceLength: PIECE, random: () => 0.5 })
}

/** Downloads one piece as a neighbour would give it. */
function finish(some: Pieces, piece: number): void {
  for (;;) {
    const block = some.next((one) => one === piece)
    if (block === undefined) throw new Error(`piece ${piece} is not wanted`)
    if (some.put(block, new Uint8Array(block.length)) !== undefined) break
  }
  some.settle(piece, true)
}

test('the rarest piece that the neighbour has is asked for first', () => {
  const some = pieces(3)
  for (const piece of [0, 0, 1, 2, 2]) some.count(piece, 1)
  expect(some.next(all)?.piece).toBe(1)
  expect(some.next((piece) => piece !== 1)?.piece, 'equally rare ones: any').toBeOneOf([0, 2])
})

test('a piece that was begun is finished before another one is', () => {
  const some = pieces(2)
  const blocks = Array.from({ length: 5 }, () => some.next(all))
  expect(new Set(blocks.slice(0, 4).map((block) => block?.piece)).size).toBe(1)
  expect(blocks.slice(0, 4).map((block) => block?.offset)).toEqual([0, 1, 2, 3].map((index) => index * BLOCK_BYTES))
  expect(blocks[4]?.piece).not.toBe(blocks[0]?.piece)
})

test('a block that does not come is asked for again, of somebody else', () => {
  const some = pieces(1)
  const lost = some.next(all)
  for (let block = 1; block < 4; block++) some.next(all)
  expect(some.next(all)).toBeUndefined()
  if (lost !== undefined) some.giveBack(lost)
  expect(some.next(all)).toEqual(lost)
})

test('the last piece is as short as what is left', () => {
  const some = pieces(2, PIECE + 5)
  finish(some, 0)
  expect(some.next(all)).toEqual({ piece: 1, offset: 0, length: 5 })
})

test('a damaged piece comes again', () => {
  const some = pieces(1, 10)
  const block = some.next(all)
  if (block === undefined) throw new Error('nothing is wanted')
  expect(some.put(block, new Uint8Array(10))).toHaveLength(10)
  some.settle(0, false)
  expect(some.isComplete).toBe(false)
  expect(some.next(all)).toEqual(block)
})

test('what is here is told as a bitfield, and in 64 parts', () => {
  const some = pieces(10)
  for (const piece of [0, 9]) finish(some, piece)
  expect([...some.bitfield()]).toEqual([0b1000_0000, 0b0100_0000])
  expect(some.done).toBe(2 * PIECE)
  // The middles of six parts lie in each of these tenths.
  expect(some.summary()).toMatch(/^fc0+3f$/)
})

test('the parts fill as the download does, though it leaves gaps everywhere', () => {
  const some = pieces(640)
  for (let piece = 0; piece < 640; piece++) if ((piece * 37) % 101 < 50) finish(some, piece)
  const bits = BigInt(`0x${some.summary()}`).toString(2)
  const here = bits.replaceAll('0', '').length
  expect(here).toBeGreaterThan(24)
  expect(here).toBeLessThan(40)
})

test('of fewer pieces than parts each part is the piece that it lies in', () => {
  const some = pieces(2)
  finish(some, 1)
  expect(some.summary()).toBe('00000000ffffffff')
})
