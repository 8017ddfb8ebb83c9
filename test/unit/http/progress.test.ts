import { expect, test } from 'vitest'
import { parseReport } from '../../../src/http/report.ts'

const peer = { address: '192.0.2.7', down: 100, up: 0, progress: 40 }
const progress = {
  done: 10,
  total: 20,
  down: 5,
  up: 1,
  fromServer: 4,
  fromPeers: 6,
  pieces: 'f'.repeat(16),
  peers: [peer],
}

function parse(numbers: unknown) {
  return parseReport(JSON.stringify({ mac: '52:54:00:12:34:56', step: 'progress', detail: 'x', progress: numbers }))
}

test('numbers in order are taken, and nothing that does not belong to them', () => {
  expect(parse({ ...progress, admin: true, peers: [{ ...peer, name: '<b>' }] })).toMatchObject({ progress })
})

test('a report without numbers is as good as ever', () => {
  expect(parse(undefined)).toEqual({ mac: '52:54:00:12:34:56', step: 'progress', detail: 'x' })
})

test('a map of pieces may be left out', () => {
  const { pieces: _, ...rest } = progress
  expect(parse(rest)).toMatchObject({ progress: rest })
})

test.each([
  ['no object', 7, 'progress is not an object'],
  ['null', null, 'progress is not an object'],
  ['a size that is a text', { ...progress, done: '10' }, 'progress.done is not a whole number'],
  ['a negative speed', { ...progress, down: -1 }, 'progress.down is not a whole number'],
  ['a fraction', { ...progress, fromPeers: 0.5 }, 'progress.fromPeers is not a whole number'],
  ['more than there is on earth', { ...progress, total: 1e300 }, 'progress.total is not a whole number'],
  ['more than everything', { ...progress, done: 21 }, 'progress.done is more than'],
  ['a map that is none', { ...progress, pieces: '<script>' }, 'progress.pieces is not 16'],
  ['a map that only looks like one', { ...progress, pieces: ['f'.repeat(16), 1] }, 'progress.pieces is not 16'],
  ['no peers', { ...progress, peers: null }, 'progress.peers is not a list'],
  ['too many peers', { ...progress, peers: Array.from({ length: 17 }, () => peer) }, 'more than 16'],
  ['a peer that is no object', { ...progress, peers: [null] }, 'an entry that is not an object'],
  ['a peer with a name', { ...progress, peers: [{ ...peer, address: 'evil.example' }] }, 'not IPv4'],
  ['a peer with a wild speed', { ...progress, peers: [{ ...peer, up: null }] }, 'a speed that is not'],
  ['a peer with too much', { ...progress, peers: [{ ...peer, progress: 101 }] }, 'not a whole percent'],
])('%s is refused with a sentence', (_what, numbers, sentence) => {
  expect(parse(numbers)).toContain(sentence)
})
