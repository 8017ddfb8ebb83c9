import { beforeEach, describe, expect, test } from 'vitest'
import { BoundedMap, Once, RateLimit } from '../../../src/dhcp/limit.ts'

describe('a bounded map', () => {
  test('forgets what was set longest ago', () => {
    const map = new BoundedMap<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.set('a', 3)
    map.set('c', 4)
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4])
  })

  test('never grows past its limit', () => {
    const map = new BoundedMap<number, number>(100)
    for (let index = 0; index < 10_000; index++) map.set(index, index)
    expect(map.size).toBe(100)
  })
})

test('once is once', () => {
  const told = new Once(10)
  expect(['a', 'b', 'a', 'b'].map((key) => told.first(key))).toEqual([true, true, false, false])
})

describe('a rate limit of 3 in 1000 ms', () => {
  let now = 0
  let limit: RateLimit
  const allowed = (key: string, count: number) =>
    Array.from({ length: count }, () => limit.allow(key)).filter(Boolean).length

  beforeEach(() => {
    now = 0
    limit = new RateLimit({ burst: 3, periodMs: 1_000, keys: 2, clock: () => now })
  })

  test('allows three at once', () => {
    expect(allowed('a', 10)).toBe(3)
  })

  test('allows more with time, and never saves up more than three', () => {
    allowed('a', 10)
    now += 334
    expect(allowed('a', 10)).toBe(1)
    now += 1_000_000
    expect(allowed('a', 10)).toBe(3)
  })

  test('is for each key by itself', () => {
    allowed('a', 10)
    expect(allowed('b', 10)).toBe(3)
  })

  test('gives nothing for a clock that runs backwards', () => {
    allowed('a', 10)
    now -= 10_000
    expect(allowed('a', 10)).toBe(0)
  })
})
