import { expect, test } from 'vitest'
import { RoomCounts } from '../../src/room-counts.ts'
import type { CountedSwarm, SeededBytes } from '../../src/status/index.ts'

function createRoom() {
  const swarms = new Map<string, CountedSwarm>()
  const seeded = new Map<string, number>()
  const counts = new RoomCounts({
    countSwarms: (some) => {
      for (const one of some) swarms.set(one.infoHash, one)
    },
    countSeeded: (some: readonly SeededBytes[]) => {
      for (const { infoHash, uploaded } of some) seeded.set(infoHash, uploaded)
    },
  })
  return { swarms, seeded, counts }
}

test('swarms of several interfaces are one room, and one that ends leaves it', () => {
  const { swarms, counts } = createRoom()
  const [eth1, eth2] = [{}, {}]
  counts.countSwarm(eth1, { infoHash: 'a', complete: 1, incomplete: 5 })
  counts.countSwarm(eth2, { infoHash: 'a', complete: 2, incomplete: 0 })
  counts.countSwarm(eth2, { infoHash: 'a', complete: 3, incomplete: 1 })
  expect(swarms.get('a')).toEqual({ infoHash: 'a', complete: 4, incomplete: 6 })
  counts.forget(eth1)
  expect(swarms.get('a')).toEqual({ infoHash: 'a', complete: 3, incomplete: 1 })
})

test('what a seeder has given stays given when another takes its place', () => {
  const { seeded, counts } = createRoom()
  const [before, after] = [{}, {}]
  counts.countSeeded(before, [{ infoHash: 'a', uploaded: 100 }])
  counts.countSeeded(before, [{ infoHash: 'a', uploaded: 150 }])
  counts.forget(before)
  counts.countSeeded(after, [{ infoHash: 'a', uploaded: 7 }])
  expect(seeded.get('a')).toBe(157)
})
