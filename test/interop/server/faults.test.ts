/** What goes wrong while machines download: they get every byte all the same, and log and timeline say what happened. */
import { once } from 'node:events'
import { rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Aria2Log } from '../../../client/tui/aria2-log.ts'
import type { Machine } from '../../../src/machines/index.ts'
import type { BootServer } from '../../../src/server.ts'
import { WorkerThreads } from '../../lab/worker-threads.ts'
import { lineOf } from '../dhcp/network.ts'
import { image, ServedLab, type TestMachine } from './served-lab.ts'

const first = { address: '127.0.0.2', mac: '52:54:00:00:00:02' }
const third = { address: '127.0.0.4', mac: '52:54:00:00:00:04' }
const second = { address: '127.0.0.3', mac: '52:54:00:00:00:03' }

let lab: ServedLab
let server: BootServer
let threads: WorkerThreads

beforeEach(async () => {
  threads = new WorkerThreads()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  lab = await ServedLab.open(26_000)
  server = await lab.start()
})

afterEach(async () => {
  vi.useRealTimers()
  threads[Symbol.dispose]()
  await server.close()
  await lab[Symbol.asyncDispose]()
})

function known({ mac }: TestMachine): Machine | undefined {
  return server.machines().find((machine) => machine.mac === mac)
}

function troublesOf(machine: TestMachine): string[] {
  const timeline = known(machine)?.timeline ?? []
  return timeline.filter(({ step }) => step === 'trouble').map(({ detail }) => detail)
}

function messagesOf(event: string): string[] {
  return lab.entries.filter((entry) => entry.event === event).map(({ message }) => message)
}

test.each(['seeder', 'tracker'])(
  'a crash of the %s in mid-transfer is told of whom it concerns, who downloads on',
  async (name) => {
    await lab.report(second, 'menu', '1 system')
    const download = await lab.beginAt(first, 'demo', '2M')
    await threads.get(`${name}-worker`)?.terminate()
    expect((await lab.finish(download)).equals(image('first'))).toBe(true)
    expect(troublesOf(first)).toEqual([`the server's ${name} crashed and starts again in 0.5 s; the download goes on`])
    expect(troublesOf(second)).toEqual([])
    expect(messagesOf(`${name}.crash`)).toEqual([expect.stringMatching(/crashed \(.+\) and starts again in 0\.5 s$/)])
    expect(messagesOf(`${name}.restart`)).toHaveLength(1)
    expect((await lab.download('demo')).equals(image('first'))).toBe(true)
  },
)

test('a machine that is switched off half-way is told of as such, and another one finishes', async () => {
  const victim = await lab.beginAt(first, 'demo', '2M', '--summary-interval=1')
  const other = await lab.beginAt(second, 'demo', '2M')
  await lineOf(victim.machine, /\((5|6|7|8|9)\d%\)/)
  await lab.report(first, 'progress', 'demo 50%')
  victim.machine.kill('SIGKILL')
  expect(known(first)?.boot?.stuck).toBeUndefined()
  vi.setSystemTime(Date.now() + 25_000)
  const reason = 'It does not report any more: it was switched off, or its network is gone.'
  await expect
    .poll(() => messagesOf('machine.stuck'), { timeout: 10_000 })
    .toEqual([`${first.mac} is stuck: ${reason}`])
  expect(known(first)?.boot?.stuck).toMatchObject({ reason })
  expect((await lab.finish(other)).equals(image('first'))).toBe(true)
  expect(known(second)?.boot?.stuck).toBeUndefined()
})

test('a machine that comes when the others are done and gone gets everything, which is counted for it', async () => {
  for (const machine of [first, second]) {
    const download = await lab.beginAt(machine, 'demo', '8M')
    expect((await lab.finish(download)).equals(image('first'))).toBe(true)
    await expect.poll(() => known(machine)?.received, { timeout: 10_000 }).toBeGreaterThanOrEqual(image('first').length)
    expect(troublesOf(machine)).toEqual([])
  }
})

test('an image that is deleted while it is downloaded is named, and downloaded to its end', async () => {
  const download = await lab.beginAt(first, 'demo', '1M')
  const refused = once(server, 'reload')
  await rm(path.join(lab.environment, 'oss/demo/vmlinuz'))
  expect(await refused).toMatchObject([{ ok: false }])
  expect(messagesOf('environment.problem')).toEqual([
    expect.stringMatching(/^oss\/demo\/config\.yaml:3:9: "vmlinuz" is not in the folder of the system/),
  ])
  expect(download.machine.exitCode).toBeNull()
  expect((await lab.finish(download)).equals(image('first'))).toBe(true)
  expect(troublesOf(first)).toEqual([])
})

test('a machine that wants a system which was withdrawn is told of at once and is stuck for that reason, until it is served again', async () => {
  await server.close()
  server = await lab.start({ watch: false })
  const file = path.join(lab.environment, 'oss/demo/vmlinuz')
  const torrent = await lab.fetchTorrent('demo')
  await truncate(file, image('first').length / 2)
  await lab.beginDownload('demo')
  await expect.poll(() => messagesOf('seeder.withdrawn'), { timeout: 10_000 }).toHaveLength(1)

  await lab.report(first, 'download', 'demo')
  const trouble = expect.stringMatching(
    /^the server does not have demo any more: .*vmlinuz cannot be read any more: it is shorter than it was$/,
  )
  expect(troublesOf(first)).toEqual([trouble])
  // What the menu reads and shows there.
  const late = await lab.beginDownload('demo')
  const log = new Aria2Log()
  log.add(await lineOf(late.machine, /Tracker returned warning/))
  expect(log.trackerWarning).toBe('The server does not have demo any more: its files changed, or cannot be read.')

  await lab.report(second, 'download', 'other')
  expect(troublesOf(second)).toEqual([])
  vi.setSystemTime(Date.now() + 16_000)
  await expect.poll(() => known(first)?.boot?.stuck?.reason, { timeout: 10_000 }).toEqual(trouble)

  await writeFile(file, image('first'))
  expect(await server.reload()).toMatchObject({ ok: true, systems: [] })
  await lab.report(third, 'download', 'demo')
  expect(troublesOf(third)).toEqual([])
  expect((await lab.downloadBy(torrent, 'demo')).equals(image('first'))).toBe(true)
})
