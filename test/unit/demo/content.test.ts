import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { Content } from '../../../src/demo/content.ts'

const right = Buffer.from('the piece')
const content = () => new Content({ hashes: [hash('sha1', right, 'buffer')] })

test('a piece is kept when it has its hash', () => {
  const some = content()
  expect(some.verify(0, right)).toBe(true)
  expect(some.read(0, 4, 5)?.toString()).toBe('piece')
})

test('a piece with one other bit is refused, and does not take the place of the right one', () => {
  const some = content()
  const damaged = Buffer.from(right)
  damaged.writeUInt8(damaged.readUInt8(3) ^ 1, 3)
  expect(some.verify(0, damaged)).toBe(false)
  expect(some.read(0, 0, 1)).toBeUndefined()
  some.verify(0, right)
  some.verify(0, damaged)
  expect(some.read(0, 0, 9)).toEqual(right)
})

test('a piece that the torrent does not have is refused', () => {
  expect(content().verify(1, right)).toBe(false)
})
