import { expect, test } from 'vitest'
import type { DownloadStatus } from '../../../client/tui/aria2-status.ts'
import { noDamage } from '../../../client/tui/damage.ts'
import { type Peer, summary, Traffic } from '../../../client/tui/traffic.ts'

const server = '192.0.2.1'

function status(completed: number): DownloadStatus {
  return {
    completed,
    total: 1000,
    downloadSpeed: 30,
    uploadSpeed: 5,
    uploaded: 0,
    peers: 2,
    seeders: 1,
    isComplete: false,
    verified: undefined,
    pieces: 10,
    bitfield: 'ffc0',
    trackers: [],
    trackerProblem: undefined,
    damage: noDamage,
    trackerWarning: undefined,
  }
}

function peer(address: string, down: number, bitfield = 'ffc0', up = 0): Peer {
  return { address, down, up, bitfield }
}

test('what arrives is divided up by the speeds of the moment, and adds up to what is here', () => {
  const traffic = new Traffic(server, false)
  traffic.count(status(300), [peer(server, 20), peer('192.0.2.7', 10)])
  traffic.count(status(400), [peer('192.0.2.7', 10), peer('192.0.2.8', 5)])
  expect(traffic.numbers(status(400), [])).toMatchObject({ done: 400, fromServer: 200, fromPeers: 200 })
})

test('what arrived while nobody sent just now came from the server when it is there, else from neighbours', () => {
  const traffic = new Traffic(server, false)
  traffic.count(status(100), [peer(server, 0), peer('192.0.2.7', 0)])
  traffic.count(status(150), [peer('192.0.2.7', 0)])
  expect(traffic.numbers(status(150), [])).toMatchObject({ fromServer: 100, fromPeers: 50 })
})

test('bytes of an earlier attempt are nobody’s, and bytes that are lost again count once', () => {
  const traffic = new Traffic(server, true)
  traffic.count(status(500), [peer(server, 10)])
  traffic.count(status(400), [peer(server, 10)])
  traffic.count(status(450), [peer(server, 10)])
  expect(traffic.numbers(status(450), [])).toMatchObject({ fromServer: 50, fromPeers: 0 })
})

test('what a check finds of an earlier attempt has come from nobody, however late it is found', () => {
  const traffic = new Traffic(server, true)
  traffic.count({ ...status(0), verified: 0 }, [])
  traffic.count({ ...status(0), verified: 600 }, [])
  traffic.count(status(600), [])
  traffic.count(status(600), [peer(server, 10)])
  traffic.count(status(700), [peer(server, 10)])
  expect(traffic.sources).toEqual({ fromServer: 100, fromPeers: 0 })
})

test('a report names those with most traffic, at most 16, and how much each of them has', () => {
  const peers = Array.from({ length: 20 }, (_, index) =>
    peer(`192.0.2.${index + 10}`, index, index % 2 ? 'ffc0' : 'f800'),
  )
  const { peers: told } = new Traffic(server, false).numbers(status(0), peers)
  expect(told).toHaveLength(16)
  expect(told[0]).toEqual({ address: '192.0.2.29', down: 19, up: 0, progress: 100 })
  expect(told[1]).toEqual({ address: '192.0.2.28', down: 18, up: 0, progress: 50 })
})

test.each([
  ['nothing', '0000000000000000', 64, '0000000000000000'],
  ['everything', 'ffffffffffffffff', 64, 'ffffffffffffffff'],
  ['the first piece of 64', '8000000000000000', 64, '8000000000000000'],
  ['the first of each pair of 128 pieces', 'a'.repeat(32), 128, '0000000000000000'],
  ['the piece in the middle of every other of 64 parts', '20'.repeat(32), 256, 'aaaaaaaaaaaaaaaa'],
  ['the first half of 128 pieces', `${'f'.repeat(16)}${'0'.repeat(16)}`, 128, 'ffffffff00000000'],
  ['the second of two pieces', '4', 2, '00000000ffffffff'],
  ['one of one', '8', 1, 'ffffffffffffffff'],
  ['a bitfield that aria2 left out', '', 64, '0000000000000000'],
])('64 parts of a bitfield: %s', (_what, bitfield, pieces, digits) => {
  expect(summary(bitfield, pieces)).toBe(digits)
})
