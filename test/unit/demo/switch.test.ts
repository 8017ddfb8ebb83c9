import { afterEach, expect, test } from 'vitest'
import { Switch } from '../../../src/demo/switch.ts'

let now = 0
let one: Switch | undefined
afterEach(() => one?.[Symbol.dispose]())

/** One that nobody calls but the test. */
function quietSwitch(): Switch {
  one?.[Symbol.dispose]()
  one = new Switch(() => now)
  one[Symbol.dispose]()
  return one
}

/** So much is carried, and so many milliseconds later it is called. */
function pass(some: Switch, bytes: number, milliseconds: number): void {
  some.carry(bytes)
  now += milliseconds
  some.look()
}

test('it slows down to less than what was carried when its thread is late', () => {
  const some = quietSwitch()
  pass(some, 10_000_000, 1000)
  expect(some.bitsPerSecond).toBeCloseTo(80e6 * 0.8)
  pass(some, 10_000_000, 1250)
  expect(some.bitsPerSecond).toBeCloseTo(64e6 * 0.8)
})

test('it recovers step by step when its thread is in time', () => {
  const some = quietSwitch()
  pass(some, 10_000_000, 1000)
  const slow = some.bitsPerSecond
  for (let look = 0; look < 15; look++) pass(some, 100_000, 50)
  expect(some.bitsPerSecond / slow).toBeCloseTo(1.1 ** 15)
})

test('it stops neither when nothing was carried, nor is it faster than any', () => {
  const some = quietSwitch()
  pass(some, 0, 5000)
  expect(some.bitsPerSecond).toBe(50e6)
  for (let look = 0; look < 500; look++) pass(some, 0, 50)
  expect(some.bitsPerSecond).toBe(10e9)
})
