import { describe, expect, test } from 'vitest'
import { RevealPlan } from '../../../src/seeder/reveal-plan.ts'

const WINDOW = 4

function createPlan(pieces = 12): RevealPlan<string> {
  return new RevealPlan(pieces, () => 0)
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

describe('pieces', () => {
  test('are told to one peer each, a few at a time', () => {
    const plan = createPlan()
    plan.join('a', 0)
    plan.join('b', 0)
    expect(plan.next('a', WINDOW, 0)).toEqual([0, 1, 2, 3])
    expect(plan.next('a', WINDOW, 10)).toEqual([])
    expect(plan.next('b', WINDOW, 10)).toEqual([4, 5, 6, 7])
  })

  test('follow as the peer has what it was told of', () => {
    const plan = createPlan()
    plan.join('a', 0)
    plan.next('a', WINDOW, 0)
    plan.confirm('a', 1, 10)
    expect(plan.next('a', WINDOW, 10)).toEqual([4])
    plan.confirm('a', 1, 20)
    expect(plan.next('a', WINDOW, 20)).toEqual([])
  })

  test('that somebody brought along are not told to others', () => {
    const plan = createPlan()
    plan.join('a', 0)
    for (const piece of numbers(0, 10)) plan.confirm('a', piece, 0)
    plan.join('b', 0)
    expect(plan.next('b', WINDOW, 0)).toEqual([10, 11])
  })

  test('all leave the seeder once when peers share what they have', () => {
    const plan = createPlan(40)
    const peers = ['a', 'b', 'c', 'd']
    const told: number[] = []
    for (const peer of peers) plan.join(peer, 0)
    for (let now = 0; now < 2_000; now += 100) {
      for (const peer of peers) {
        const news = plan.next(peer, WINDOW, now)
        told.push(...news)
        for (const piece of news) for (const each of peers) plan.confirm(each, piece, now)
      }
    }
    expect(told.sort((one, other) => one - other)).toEqual(numbers(0, 40))
  })

  test('that only a peer had or expected are told to others when it vanishes', () => {
    const plan = createPlan()
    plan.join('a', 0)
    plan.next('a', WINDOW, 0)
    plan.confirm('a', 0, 0)
    plan.leave('a', 0)
    plan.join('b', 0)
    expect(plan.next('b', 12, 0)).toEqual(numbers(0, 12))
  })

  test.each([
    ['are dead', ['d1', 'd2', 'd3'], 4_000, () => {}],
    [
      'are idle',
      ['i1', 'i2', 'i3', 'i4', 'i5', 'i6'],
      1_000,
      (plan: RevealPlan<string>, peer: string, now: number) => plan.doubt(peer, now),
    ],
  ])('are not kept from a machine by peers that %s', (_what, idle, patience, look) => {
    const plan = createPlan()
    for (const peer of [...idle, 'a']) plan.join(peer, 0)
    const told: number[] = []
    for (let now = 0; now <= patience; now += 500) {
      // The others always come first.
      for (const peer of idle) {
        look(plan, peer, now)
        plan.next(peer, WINDOW, now)
      }
      const news = plan.next('a', 12, now)
      told.push(...news)
      for (const piece of news) plan.confirm('a', piece, now)
    }
    expect(told.sort((one, other) => one - other)).toEqual(numbers(0, 12))
  })

  test('are waited for again when the peer has made something of one', () => {
    const plan = createPlan(3)
    plan.join('slow', 0)
    plan.next('slow', 1, 0)
    plan.doubt('slow', 1_000)
    plan.confirm('slow', 0, 1_100)
    expect(plan.next('slow', 1, 1_100)).toEqual([1])
    plan.join('b', 1_100)
    expect(plan.next('b', 3, 1_100)).toEqual([2])
  })

  test('that a peer makes nothing of for long are told to others', () => {
    const plan = createPlan(4)
    plan.join('lazy', 0)
    plan.join('b', 0)
    expect(plan.next('lazy', WINDOW, 0)).toEqual([0, 1, 2, 3])
    expect(plan.next('b', WINDOW, 500)).toEqual([])
    plan.next('lazy', WINDOW, 4_000)
    expect(plan.next('b', WINDOW, 4_000)).toEqual([0, 1, 2, 3])
  })

  test('stay with a peer that is slow, while the seeder sends to it', () => {
    const plan = createPlan(4)
    plan.join('slow', 0)
    plan.next('slow', WINDOW, 0)
    plan.progress('slow', 3_000)
    plan.next('slow', WINDOW, 5_000)
    plan.join('b', 5_000)
    expect(plan.next('b', WINDOW, 5_100)).toEqual([])
  })
})

test('a piece that is on its way to one peer is not told to those who wait, until that takes long', () => {
  const plan = createPlan(2)
  plan.join('a', 0)
  plan.join('b', 0)
  expect(plan.next('a', WINDOW, 0)).toEqual([0, 1])
  plan.progress('a', 2_000)
  expect(plan.next('b', WINDOW, 2_000)).toEqual([])
  plan.progress('a', 4_000)
  expect(plan.next('b', WINDOW, 4_000)).toEqual([0, 1])
})

test('in a swarm of a hundred, peers are left to each other for six seconds', () => {
  const plan = createPlan(1)
  for (const peer of numbers(0, 100)) plan.join(`${peer}`, 0)
  plan.next('0', WINDOW, 0)
  plan.confirm('0', 0, 0)
  expect(plan.next('1', WINDOW, 5_900)).toEqual([])
  expect(plan.next('1', WINDOW, 6_000)).toEqual([0])
})

describe('a peer that comes when the others have everything', () => {
  function late(): RevealPlan<string> {
    const plan = createPlan()
    for (const peer of ['a', 'b']) {
      plan.join(peer, 0)
      for (const piece of numbers(0, 12)) if (peer === 'a' || piece !== 7) plan.confirm(peer, piece, 0)
    }
    plan.join('late', 10_000)
    return plan
  }

  test('is left to them as long as they give it something', () => {
    const plan = late()
    for (let step = 0; step < 12; step += 1) {
      expect(plan.next('late', WINDOW, 10_000 + step * 900)).toEqual([])
      plan.confirm('late', step, 10_000 + step * 900)
    }
  })

  test('is told of pieces, the rarest first, when they give it nothing', () => {
    const plan = late()
    expect(plan.next('late', WINDOW, 11_000)).toEqual([7, 0, 1, 2])
  })

  test('gets everything from the seeder in the end, even if nobody else ever helps', () => {
    const plan = late()
    const told = new Set<number>()
    for (let now = 10_000; now < 30_000; now += 500) {
      for (const piece of plan.next('late', WINDOW, now)) told.add(piece)
    }
    expect([...told].sort((one, other) => one - other)).toEqual(numbers(0, 12))
  })

  test('gets everything from the seeder without a pause while the others give it nothing', () => {
    const plan = late()
    let told = 0
    for (let now = 11_000; now < 11_100; now += 10) {
      for (const piece of plan.next('late', WINDOW, now)) {
        told += 1
        plan.confirm('late', piece, now)
      }
    }
    expect(told).toBe(12)
  })

  test('is left to those who got everything and left the seeder for it', () => {
    const plan = createPlan(2)
    plan.join('a', 0)
    plan.next('a', WINDOW, 0)
    plan.confirm('a', 0, 0)
    plan.leave('a', 0)
    plan.join('late', 10)
    expect(plan.next('late', WINDOW, 10)).toEqual([])
    expect(plan.next('late', WINDOW, 1_010)).toEqual([0, 1])
  })

  test('is told of everything when they have left long ago', () => {
    const plan = late()
    plan.leave('a', 10_000)
    plan.leave('b', 10_000)
    plan.join('later', 40_000)
    expect(plan.next('later', 12, 40_000)).toEqual(numbers(0, 12))
  })
})

test('a peer that has everything, or is not known, is told nothing', () => {
  const plan = createPlan(2)
  plan.join('a', 0)
  plan.confirm('a', 0, 0)
  plan.confirm('a', 1, 0)
  expect(plan.next('a', WINDOW, 10_000)).toEqual([])
  expect(plan.next('stranger', WINDOW, 0)).toEqual([])
  plan.confirm('stranger', 0, 0)
  plan.leave('stranger', 0)
})

test('a piece number that there is not changes nothing', () => {
  const plan = createPlan(2)
  plan.join('a', 0)
  plan.confirm('a', 4_294_967_295, 0)
  plan.confirm('a', -1, 0)
  expect(plan.next('a', WINDOW, 0)).toEqual([0, 1])
})
