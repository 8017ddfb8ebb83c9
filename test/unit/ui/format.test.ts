import { describe, expect, test } from 'vitest'
import { cleanText, formatBytes, formatDuration, formatSpeed, percentage, wrapText } from '../../../src/ui/format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [99_940_000, '99.9 MB'],
  [99_960_000, '100 MB'],
  [999_600_000, '1.0 GB'],
  [2e12, '2.0 TB'],
  [5e15, '5000 TB'],
  [-1, '0 B'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('a speed is bytes per second', () => {
  expect(formatSpeed(11_800_000)).toBe('11.8 MB/s')
})

test.each([
  [0, '0 s'],
  [0.2, '1 s'],
  [59.5, '1 min 00 s'],
  [125, '2 min 05 s'],
  [3720, '1 h 02 min'],
  [undefined, '-'],
  [Number.POSITIVE_INFINITY, '-'],
])('%s seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

test.each([
  [0, 0, 0],
  [999, 1000, 99],
  [1000, 1000, 100],
  [1001, 1000, 100],
])('%d of %d are %d %%', (part, whole, percent) => {
  expect(percentage(part, whole)).toBe(percent)
})

describe('text from elsewhere', () => {
  test('loses what could move the cursor, break the line or turn the writing around', () => {
    expect(cleanText('a\x1b[2Jb\r\nc\u202ed\u2028e')).toBe('a?[2Jb??c?d?e')
  })

  test('keeps letters of every script', () => {
    expect(cleanText('Größe 日本')).toBe('Größe 日本')
  })

  test('is cut', () => {
    expect(cleanText('abcdefghij', 8)).toBe('abcde...')
  })
})

test.each([
  ['short', 10, ['short']],
  ['', 10, ['']],
  ['exactly ten', 11, ['exactly ten']],
  ['one two three', 7, ['one two', 'three']],
  ['one two three', 8, ['one two', 'three']],
  ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
])('wraps %j at %i characters between words, and loses none', (text, width, lines) => {
  expect(wrapText(text, width)).toEqual(lines)
})
