import { describe, expect, test } from 'vitest'
import { BoundedQueue } from '../../../src/dhcp/queue.ts'
import { WaitingRoom } from '../../../src/dhcp/waiting-room.ts'

describe('a bounded queue', () => {
  test('gives back in the order of arrival, over its end and again', () => {
    const queue = new BoundedQueue<number>(3)
    const taken: (number | undefined)[] = []
    for (let item = 0; item < 10; item++) {
      queue.push(item)
      if (item % 2 === 1) taken.push(queue.take())
    }
    expect(taken).toEqual([0, 1, 3, 5, 7])
    expect([queue.take(), queue.take(), queue.take()]).toEqual([8, 9, undefined])
  })

  test('gives up what waited longest when it is full, and says so', () => {
    const queue = new BoundedQueue<number>(2)
    expect([1, 2, 3].map((item) => queue.push(item))).toEqual([true, true, false])
    expect([queue.take(), queue.take(), queue.take()]).toEqual([2, 3, undefined])
  })
})

describe('a waiting room', () => {
  /** Serves strings; done when `last` was served. */
  function room(last: string) {
    const served: string[] = []
    const state = { givenUp: 0 }
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = new WaitingRoom<string>(
      (packet) => {
        served.push(packet)
        if (packet === last) resolve()
      },
      () => {
        state.givenUp += 1
      },
    )
    return { waiting, served, state, done: promise }
  }

  test('serves nobody before the sockets had their turn, then everybody', async () => {
    const { waiting, served, done } = room('c')
    for (const packet of ['a', 'b', 'c']) waiting.enter(packet, false)
    expect(served).toEqual([])
    await done
    expect(served).toEqual(['a', 'b', 'c'])
  })

  test('lets whoever called before through a flood of others', async () => {
    const { waiting, served, state, done } = room('second real one')
    for (let index = 0; index < 5_000; index++) waiting.enter(`made up ${index}`, false)
    waiting.enter('real one', true)
    waiting.enter('second real one', true)
    await done
    expect(served.indexOf('second real one')).toBeLessThan(4)
    expect(state.givenUp).toBe(5_000 - 1_024)
  })

  test('lets newcomers through a flood of those who called before', async () => {
    const { waiting, served, done } = room('newcomer')
    for (let index = 0; index < 5_000; index++) waiting.enter(`again ${index}`, true)
    waiting.enter('newcomer', false)
    await done
    expect(served.indexOf('newcomer')).toBeLessThan(2)
  })

  test('that is closed serves nobody any more', async () => {
    const { waiting, served } = room('')
    waiting.enter('a', false)
    waiting.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(served).toEqual([])
  })
})
