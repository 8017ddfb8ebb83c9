import { expect, test } from 'vitest'
import { Wakefulness } from '../../../src/tftp/wakefulness.ts'

const turn = () => new Promise(setImmediate)

test('packets that come fast keep the thread awake, until none came for as long', async () => {
  let now = 1000
  const wakefulness = new Wakefulness(() => now)
  wakefulness.packet()
  expect(wakefulness.isAwake).toBe(false)
  now += 0.09
  wakefulness.packet()
  for (let turns = 0; turns < 5; turns += 1) {
    await turn()
    expect(wakefulness.isAwake).toBe(true)
  }
  now += 0.09
  wakefulness.packet()
  now += 0.09
  await turn()
  expect(wakefulness.isAwake).toBe(true)
  now += 0.02
  await turn()
  expect(wakefulness.isAwake).toBe(false)
})

test('packets that come slowly never do', async () => {
  let now = 0
  const wakefulness = new Wakefulness(() => now)
  for (let packets = 0; packets < 10; packets += 1) {
    wakefulness.packet()
    expect(wakefulness.isAwake).toBe(false)
    now += 0.11
  }
})
