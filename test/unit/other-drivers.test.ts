import { expect, test } from 'vitest'
import { otherDriverFiles } from '../../src/other-drivers.ts'

const segment = { name: 'others.cpio.xz', size: 4_000_000, path: '/client/others.cpio.xz' }

test('a rare card gets the other drivers under the bus id that iPXE asks with, a common one four zeros', () => {
  const drivers = { file: segment.name, cards: '15b3:1003 8086:10fb', commonCards: '8086:100e' }
  expect(otherDriverFiles('amd64', drivers, segment)).toEqual([
    { name: 'other-drivers/amd64/01-80-86-10-0e', size: 4, bytes: new Uint8Array(4) },
    { ...segment, name: 'other-drivers/amd64/01-15-b3-10-03' },
    { ...segment, name: 'other-drivers/amd64/01-80-86-10-fb' },
  ])
})

test('without cards there are no files', () => {
  expect(otherDriverFiles('686', { file: segment.name, cards: '', commonCards: '' }, segment)).toEqual([])
})
