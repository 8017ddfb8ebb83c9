/** The classroom of `boottorrent demo`, with the real server in it. */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { centralFloorSeconds, floorSeconds } from '../../../src/demo/figures.ts'
import { openDemo } from '../../../src/demo/index.ts'
import type { LogEntry } from '../../../src/log.ts'

const speeds = { host: 20e6, machine: 100e6 }
const bytes = 3e6

test('machines boot step by step, share what they download, and are as fast as their cables', {
  timeout: 180_000,
}, async () => {
  const entries: LogEntry[] = []
  await using demo = await openDemo({ clients: 3, bytes, speeds, log: (entry) => entries.push(entry) })
  await demo.start()
  expect(demo.server.served[0]?.address).toMatch(/^127\./)

  const lesson = await demo.boot()
  expect(lesson).toMatchObject({ booted: 3, damaged: 0, repeated: 0 })
  expect(lesson.fromServer + lesson.fromPeers).toBe(3 * bytes)
  expect(lesson.serverBytes).toBeGreaterThanOrEqual(bytes)
  expect(lesson.serverBytes, 'each piece leaves the server about once').toBeLessThan(2 * bytes)
  // What a cable makes up for is a fortieth of a second.
  expect(lesson.seconds).toBeGreaterThan(floorSeconds(3, bytes, speeds) - 0.1)

  const machines = demo.server.machines()
  expect(machines.map(({ name }) => name).sort()).toEqual(['pc-01', 'pc-02', 'pc-03'])
  expect(machines.map(({ firmware }) => firmware).sort()).toEqual(['bios', 'uefi-x64', 'uefi-x64'])
  for (const { boot, timeline } of machines) {
    expect(boot?.step.step).toBe('running')
    const seen = new Set(timeline.map(({ step, source }) => `${step} ${source}`))
    const byHost = ['discover', 'address', 'loader', 'script', 'kernel', 'segments', 'running']
    const byClient = ['phase1', 'menu', 'download', 'complete', 'start']
    const wanted = [...byHost.map((step) => `${step} host`), ...byClient.map((step) => `${step} client`)]
    expect([...seen]).toEqual(expect.arrayContaining(wanted))
  }
  expect(machines.reduce((sum, { received }) => sum + received, 0)).toBe(lesson.serverBytes)
  expect(entries.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])

  const seconds = await demo.downloadCentrally()
  expect(seconds).toBeGreaterThan(centralFloorSeconds(3, bytes, speeds) - 0.1)
})

test('whoever stops it is obeyed at once, and nothing is left', { timeout: 180_000 }, async () => {
  const stop = new AbortController()
  let folder = ''
  const log = (entry: LogEntry) => {
    if (entry.event === 'machine' && entry.step === 'download') stop.abort()
  }
  {
    // On cables so slow that it would take minutes.
    const slow = { host: 1e5, machine: 1e5 }
    await using demo = await openDemo({ clients: 2, bytes, speeds: slow, log, signal: stop.signal })
    await demo.start()
    folder = demo.server.reads().find((path) => path.includes('boottorrent-demo-')) ?? ''
    expect(existsSync(folder)).toBe(true)
    await expect(demo.boot()).rejects.toThrow(/abort/)
  }
  expect(existsSync(folder)).toBe(false)
})
