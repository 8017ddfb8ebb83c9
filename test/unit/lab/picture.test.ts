import { expect, test } from 'vitest'
import { parsePpm, shareOf } from '../../lab/picture.ts'

const green = [0, 170, 0] as const

test('a PPM is read, and its colours are counted', () => {
  const picture = parsePpm(Buffer.from('P6\n2 2\n255\n\x00\xaa\x00\x02\xa8\x01\xaa\x00\x00\x00\x00\x00', 'latin1'))
  expect([picture.width, picture.height]).toEqual([2, 2])
  expect(shareOf(picture, green)).toBe(0.5)
})

test('anything else is refused', () => {
  expect(() => parsePpm(Buffer.from('\x89PNG'))).toThrow('not a PPM')
})
