import { expect, test } from 'vitest'
import { nearest } from '../../../src/environment/nearest.ts'

const known = ['timeout', 'default', 'seed_time', 'menu']

test.each([
  ['tiemout', 'timeout'],
  ['timeuot', 'timeout'],
  ['timout', 'timeout'],
  ['timeoutt', 'timeout'],
  ['TimeOut', 'timeout'],
  ['seedtime', 'seed_time'],
  ['seed-time', 'seed_time'],
  ['menus', 'menu'],
])('"%s" was meant to be "%s"', (word, meant) => {
  expect(nearest(word, known)).toBe(meant)
})

test.each(['', 'x', 'kernel', 'time', 'tttttttt', 'x'.repeat(100_000)])('"%.20s" is near to nothing', (word) => {
  expect(nearest(word, known)).toBeUndefined()
})

test('of two that are equally near the first is taken', () => {
  expect(nearest('bat', ['cat', 'rat'])).toBe('cat')
})
