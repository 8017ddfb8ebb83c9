import { beforeEach, expect, test } from 'vitest'
import { countWaiting } from '../../../client/tui/scrape.ts'
import { FakeSystem } from './fake-system.ts'

const infoHash = 'ab'.repeat(20)
const [first, second] = ['http://192.0.2.1:1/announce', 'http://192.0.2.2:2/announce']

let system: FakeSystem

beforeEach(() => {
  system = new FakeSystem()
})

function answer(waiting: number): string {
  return `HTTP/1.0 200 OK\r\n\r\nd5:filesd20:....................d8:completei1e10:incompletei${waiting}eeee`
}

test('of several trackers the largest count holds', async () => {
  system.onExchange = ({ port }) => answer(port)
  expect(await countWaiting(system, [second, first], infoHash)).toBe(2)
  expect(system.pendingTimers).toBe(0)
})

test('a tracker that is silent holds nobody up when another one has told', async () => {
  system.onExchange = ({ port }) => (port === 1 ? answer(0) : new Promise(() => {}))
  let count: number | undefined
  void countWaiting(system, [first, second], infoHash).then((told) => {
    count = told
  })
  await system.pass(199)
  expect(count).toBeUndefined()
  await system.pass(1)
  expect(count).toBe(0)
})

test.each([
  ['no tracker', []],
  ['none that answers', [first, second]],
  ['none that can be asked', ['udp://192.0.2.1:1/announce', 'http://192.0.2.1:1/']],
])('%s says nothing', async (_what, urls) => {
  expect(await countWaiting(system, urls, infoHash)).toBeUndefined()
})
