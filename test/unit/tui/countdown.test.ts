import { expect, test } from 'vitest'
import { Countdown } from '../../../client/tui/countdown.ts'
import { FakeSystem } from './fake-system.ts'

test('tells each second, then the end, at its time', async () => {
  const system = new FakeSystem()
  const seen: string[] = []
  new Countdown(
    system,
    3,
    (left) => seen.push(`${system.now()}: ${left}`),
    () => seen.push(`${system.now()}: end`),
  )
  await system.pass(10_000)
  expect(seen).toEqual(['1000: 2', '2000: 1', '3000: end'])
})

test('tells nothing once it is stopped', async () => {
  const system = new FakeSystem()
  const seen: number[] = []
  const countdown = new Countdown(
    system,
    3,
    (left) => seen.push(left),
    () => seen.push(0),
  )
  await system.pass(1500)
  countdown.stop()
  await system.pass(10_000)
  expect(seen).toEqual([2])
})
