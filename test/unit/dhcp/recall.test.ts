import { beforeEach, expect, test } from 'vitest'
import { Recall } from '../../../src/dhcp/recall.ts'
import { MAC, macNumber } from './build.ts'

let now: number
let recall: Recall

beforeEach(() => {
  now = 1_700_000_000_000
  recall = new Recall(() => now)
})

test('the first call is none that came before', () => {
  expect(recall.calledBefore(MAC)).toBe(false)
})

test('copies of one call, which come at once, are no second call', () => {
  recall.calledBefore(MAC)
  now += 300
  expect(recall.calledBefore(MAC)).toBe(false)
})

test('a machine that calls again after a second is remembered, and again after that', () => {
  recall.calledBefore(MAC)
  for (let second = 1; second <= 20; second++) {
    now += 1_000
    expect(recall.calledBefore(MAC)).toBe(true)
  }
})

test('after half a minute a call is a first one again', () => {
  recall.calledBefore(MAC)
  now += 31_000
  expect(recall.calledBefore(MAC)).toBe(false)
})

test('other machines are other machines, also when their slots are the same', () => {
  for (let index = 0; index < 200_000; index++) recall.calledBefore(macNumber(index))
  now += 1_000
  let mistaken = 0
  for (let index = 200_000; index < 400_000; index++) if (recall.calledBefore(macNumber(index))) mistaken += 1
  expect(mistaken).toBeLessThan(200)
})

test('a flood of 100 000 others makes no more than one of five forgotten', () => {
  const real = Array.from({ length: 100 }, (_, index) => macNumber(1_000_000 + index))
  for (const mac of real) recall.calledBefore(mac)
  for (let index = 0; index < 100_000; index++) {
    if (index % 50 === 0) now += 1
    recall.calledBefore(macNumber(index))
  }
  expect(real.filter((mac) => recall.calledBefore(mac)).length).toBeGreaterThan(80)
})
