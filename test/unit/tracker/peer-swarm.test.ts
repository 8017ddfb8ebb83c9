import { describe, expect, test } from 'vitest'
import { type AnnouncedPeer, compactOf, PeerSwarm } from '../../../src/tracker/peer-swarm.ts'
import { seeded } from '../tftp/random.ts'

const PATIENCE = 100

function peer(number: number, isComplete = false): AnnouncedPeer {
  const ip = `192.0.2.${number}`
  return { ip, port: 6881, peerId: number.toString(16).padStart(40, '0'), isComplete, compact: compactOf(ip, 6881) }
}

function makeSwarm(limit = 1000) {
  const news: string[] = []
  const swarm = new PeerSwarm({
    patience: PATIENCE,
    limit,
    random: seeded(1),
    onNews: (what, { ip }) => news.push(`${what} ${ip.split('.').at(-1)}`),
  })
  return { swarm, news, counts: () => [swarm.complete, swarm.incomplete] }
}

describe('a swarm', () => {
  test('counts who comes, completes and leaves, and tells each once', () => {
    const { swarm, news, counts } = makeSwarm()
    for (const _ of [1, 2]) swarm.hear(peer(1), 0)
    expect(counts()).toEqual([0, 1])
    for (const _ of [1, 2]) swarm.hear(peer(1, true), 0)
    expect(counts()).toEqual([1, 0])
    for (const _ of [1, 2]) swarm.dismiss(peer(1, true))
    expect(counts()).toEqual([0, 0])
    expect(news).toEqual(['join 1', 'complete 1', 'leave 1'])
  })

  test('does not believe that who had everything lacks something again', () => {
    const { swarm, counts } = makeSwarm()
    swarm.hear(peer(1, true), 0)
    swarm.hear(peer(1, false), 0)
    expect(counts()).toEqual([1, 0])
  })

  test('loses those that are silent for too long, and nobody else', () => {
    const { swarm, news, counts } = makeSwarm()
    swarm.hear(peer(1), 0)
    swarm.hear(peer(2, true), 0)
    swarm.hear(peer(1), 50)
    swarm.forgetSilent(PATIENCE - 1)
    expect(counts()).toEqual([1, 1])
    swarm.forgetSilent(PATIENCE)
    expect(counts()).toEqual([0, 1])
    swarm.hear(peer(3), 50 + PATIENCE)
    expect(counts()).toEqual([0, 1])
    expect(news).toEqual(['join 1', 'join 2', 'lost 2', 'lost 1', 'join 3'])
  })

  test('never remembers more than its limit: the most silent one goes', () => {
    const { swarm, news, counts } = makeSwarm(3)
    for (const number of [1, 2, 3, 1, 4]) swarm.hear(peer(number), 0)
    expect(counts()).toEqual([0, 3])
    expect(news.at(-2)).toBe('lost 2')
    expect(swarm.neighbours(peer(9), 10).map(({ ip }) => ip)).not.toContain('192.0.2.2')
  })

  test('counts the peers of an address', () => {
    const { swarm } = makeSwarm()
    swarm.hear(peer(1), 0)
    swarm.hear({ ...peer(1), port: 6882 }, 0)
    expect(swarm.countAt('192.0.2.1')).toBe(2)
    swarm.dismiss(peer(1))
    swarm.dismiss({ ...peer(1), port: 6882 })
    expect(swarm.countAt('192.0.2.1')).toBe(0)
  })
})

describe('neighbours', () => {
  const room = (count: number) => {
    const { swarm } = makeSwarm()
    for (let number = 1; number <= count; number += 1) swarm.hear(peer(number, number === 1), 0)
    return swarm
  }
  const numbers = (peers: AnnouncedPeer[]) => peers.map(({ ip }) => Number(ip.split('.').at(-1))).sort((a, b) => a - b)

  test('are all others when they are few', () => {
    expect(numbers(room(5).neighbours(peer(3), 50))).toEqual([1, 2, 4, 5])
  })

  test('are as many as are wanted, each once, and others each time', () => {
    const swarm = room(200)
    const seen = new Set<number>()
    for (let ask = 0; ask < 50; ask += 1) {
      const found = numbers(swarm.neighbours(peer(7), 20))
      expect(new Set(found).size).toBe(20)
      expect(found).not.toContain(7)
      for (const number of found) seen.add(number)
    }
    // 199 others, 1000 draws: on the average 1.3 of them are never drawn.
    expect(seen.size).toBeGreaterThan(190)
  })

  test.each([0, -5])('are none when %i are wanted', (count) => {
    expect(room(5).neighbours(peer(3), count)).toEqual([])
  })

  test('of one that has everything lack something', () => {
    const swarm = room(4)
    swarm.hear(peer(4, true), 0)
    expect(numbers(swarm.neighbours(peer(4, true), 50))).toEqual([2, 3])
  })
})

test('address and port are six bytes', () => {
  expect([...compactOf('192.0.2.7', 6881)]).toEqual([192, 0, 2, 7, 0x1a, 0xe1])
})
