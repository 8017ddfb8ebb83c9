import { expect, test } from 'vitest'
import { Turns } from '../../../src/http/turns.ts'

test('the first goes at once, the next when it is over, one too many not at all', async () => {
  const turns = new Turns(1)
  const started: string[] = []
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  const take = (name: string, over: Promise<void>) =>
    turns.take(async () => {
      started.push(name)
      await over
    })
  expect(take('first', first.promise)).toBe(true)
  expect(take('second', second.promise)).toBe(true)
  expect(take('third', Promise.resolve())).toBe(false)
  expect(started).toEqual(['first'])
  first.resolve()
  await expect.poll(() => started).toEqual(['first', 'second'])
  expect(take('fourth', Promise.resolve())).toBe(true)
  second.resolve()
  await expect.poll(() => started).toEqual(['first', 'second', 'fourth'])
})

test('when all are over, the next goes at once again', async () => {
  const turns = new Turns(0)
  let served = 0
  const serve = async () => {
    served += 1
  }
  expect(turns.take(serve)).toBe(true)
  expect(turns.take(serve)).toBe(false)
  await expect.poll(() => turns.take(serve)).toBe(true)
  expect(served).toBe(2)
})
