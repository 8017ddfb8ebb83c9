import { describe, expect, test } from 'vitest'
import { agree } from '../../../src/tftp/options.ts'

const limits = { blockSize: 1468, windowSize: 64 }
const options = (...pairs: [string, string][]) => pairs.map(([name, value]) => ({ name, value }))
const confirmed = (...pairs: [string, string][]) => agree(options(...pairs), 5000, limits).confirmed

test('without options: 512 bytes, window 1, no OACK', () => {
  expect(agree([], 5000, limits)).toEqual({
    blockSize: 512,
    windowSize: 1,
    timeout: undefined,
    sizeAsked: false,
    confirmed: [],
  })
})

test('everything that is asked is confirmed in the order and spelling of the client', () => {
  expect(
    agree(options(['TSIZE', '0'], ['BlkSize', '1024'], ['windowsize', '4'], ['timeout', '3']), 5000, limits),
  ).toEqual({
    blockSize: 1024,
    windowSize: 4,
    timeout: 3,
    sizeAsked: true,
    confirmed: options(['TSIZE', '5000'], ['BlkSize', '1024'], ['windowsize', '4'], ['timeout', '3']),
  })
})

test('a block larger than the network carries is confirmed smaller', () => {
  expect(confirmed(['blksize', '65464'])).toEqual(options(['blksize', '1468']))
})

test('a window larger than 64 is confirmed as 64', () => {
  expect(confirmed(['windowsize', '65535'])).toEqual(options(['windowsize', '64']))
})

test('a size that the client remembers is answered with the true one', () => {
  expect(confirmed(['tsize', '123'])).toEqual(options(['tsize', '5000']))
})

describe('a value that is not allowed is ignored, not refused', () => {
  test.each([
    ['blksize', '0'],
    ['blksize', '7'],
    ['blksize', '65465'],
    ['blksize', '-1'],
    ['blksize', '1e3'],
    ['blksize', '0x200'],
    ['blksize', ''],
    ['blksize', ' 512'],
    ['blksize', '99999999999999999999'],
    ['windowsize', '0'],
    ['windowsize', '65536'],
    ['windowsize', '4.5'],
    ['timeout', '0'],
    ['timeout', '256'],
    ['tsize', '-1'],
    ['tsize', 'huge'],
    ['multicast', ''],
    ['__proto__', '1'],
  ])('%s %j', (name, value) => {
    const agreement = agree(options([name, value]), 5000, limits)
    expect(agreement).toEqual(agree([], 5000, limits))
  })
})

test('a doubled option counts the first time only', () => {
  expect(confirmed(['blksize', '1024'], ['BLKSIZE', '512'])).toEqual(options(['blksize', '1024']))
})
