import { beforeEach, expect, test } from 'vitest'
import { Reporter } from '../../../client/tui/reporter.ts'
import { FakeSystem } from './fake-system.ts'

let system: FakeSystem
let sent: { mac: string; step: string; detail: string }[]
let answer: () => Promise<string>

beforeEach(() => {
  system = new FakeSystem()
  sent = []
  answer = async () => 'HTTP/1.1 204 No Content\r\n\r\n'
  system.onExchange = ({ message }) => {
    sent.push(JSON.parse(message.slice(message.indexOf('\r\n\r\n'))))
    return answer()
  }
})

const url = 'http://192.0.2.1:8000/report'
const mac = '52:54:00:12:34:56'

test('reports go out in their order', async () => {
  const reporter = new Reporter(system, url, { mac })
  reporter.report('phase1', 'pc-07')
  reporter.report('menu', '3 systems')
  await system.pass(0)
  expect(sent).toEqual([
    { mac, step: 'phase1', detail: 'pc-07' },
    { mac, step: 'menu', detail: '3 systems' },
  ])
})

test('of progress that could not be sent yet only the newest is', async () => {
  let release = () => {}
  answer = () =>
    new Promise((resolve) => {
      release = () => resolve('HTTP/1.1 204 No Content\r\n\r\n')
    })
  const reporter = new Reporter(system, url, { mac })
  reporter.report('download', 'debian')
  for (let percent = 1; percent < 50; percent++) reporter.report('progress', `${percent}%`)
  release()
  await system.pass(0)
  expect(sent.map(({ detail }) => detail)).toEqual(['debian', '49%'])
})

test('a host that does not answer keeps nobody waiting', async () => {
  answer = () => new Promise(() => {})
  const reporter = new Reporter(system, url, { mac })
  reporter.report('start', 'debian')
  let settled = false
  void reporter.settled(300).then(() => {
    settled = true
  })
  await system.pass(400)
  expect(settled).toBe(true)
})

test('a step that got lost is told once more, progress is not', async () => {
  const answers = ['lost', 'HTTP/1.1 204 No Content\r\n\r\n', 'lost', 'HTTP/1.1 204 No Content\r\n\r\n']
  answer = async () => {
    const next = answers.shift()
    if (next === 'lost' || next === undefined) throw new Error('timed out')
    return next
  }
  const reporter = new Reporter(system, url, { mac })
  reporter.report('complete', 'debian')
  reporter.report('progress', '50%')
  reporter.report('seeding', 'debian')
  await system.pass(0)
  expect(sent.map(({ step }) => step)).toEqual(['complete', 'complete', 'progress', 'seeding'])
})

test('a host that refuses is no failure, and the next report is tried', async () => {
  answer = () => Promise.reject(new Error('connection refused'))
  const reporter = new Reporter(system, url, { mac })
  reporter.report('menu', '')
  await system.pass(0)
  reporter.report('download', 'debian')
  await system.pass(0)
  expect(sent.map(({ step }) => step)).toEqual(['menu', 'menu', 'download', 'download'])
})

test('without an address nothing is sent', async () => {
  new Reporter(system, '', { mac }).report('menu', '')
  await system.pass(0)
  expect(sent).toEqual([])
})

test('each report has the UUID of the machine, when its firmware tells one', async () => {
  const uuid = '4c4c4544-0042-3510-8052-b4c04f4d3732'
  const reporter = new Reporter(system, url, { mac, uuid })
  reporter.report('menu', '3 systems')
  reporter.report('download', 'debian')
  await system.pass(0)
  expect(sent).toEqual([
    { mac, uuid, step: 'menu', detail: '3 systems' },
    { mac, uuid, step: 'download', detail: 'debian' },
  ])
})
