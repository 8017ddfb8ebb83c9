import { expect, test } from 'vitest'
import { jsonLog, plainLog } from '../../../src/cli/log.ts'
import { progressLine } from '../../../src/cli/progress-line.ts'
import type { LogEntry } from '../../../src/log.ts'
import { ProgressMeter } from '../../../src/seeder/index.ts'
import { fakeIo } from './fake-io.ts'

const facts = { done: 1.8e9, bytes: 4.3e9, bytesPerSecond: 1.25e9, secondsLeft: 2 }
const progress: LogEntry = {
  level: 'info',
  event: 'torrent.progress',
  message: 'reading debian: 41 %',
  os: 'debian',
  ...facts,
}
const line = 'reading debian  ████████░░░░░░░░░░░░ 41 %  1.8 GB of 4.3 GB, 1.3 GB/s, 2 s left'

test('progress is a bar with what is done, the speed and the time left', () => {
  expect(progressLine({ what: 'reading debian', ...facts })).toBe(line)
})

test('on a terminal progress is drawn over itself, and the next line over it', () => {
  const io = fakeIo({ terminal: true, env: { NO_COLOR: '1' } })
  const log = plainLog(io, { level: 'info', now: () => new Date(2026, 10, 22, 9, 5, 3) })
  log(progress)
  log(progress)
  log({ level: 'info', event: 'torrent.made', message: 'Debian: done' })
  log({ level: 'info', event: 'torrent.made', message: 'more' })
  const clear = '\r\u001b[K'
  expect(io.output()).toBe(`${clear}${line}${clear}${line}${clear}09:05:03  Debian: done\n09:05:03  more\n`)
})

test('elsewhere progress is a line every five seconds', () => {
  const io = fakeIo()
  let seconds = 0
  const log = plainLog(io, { level: 'info', now: () => new Date(1000 * seconds) })
  for (seconds = 0; seconds < 11; seconds += 1) log(progress)
  expect(io.output()).toBe(`${line}\n`.repeat(3))
})

test('a quiet log shows no progress, and a program gets the numbers', () => {
  const io = fakeIo()
  plainLog(io, { level: 'warn' })(progress)
  expect(io.output()).toBe('')
  jsonLog(io, { level: 'info' })(progress)
  expect(JSON.parse(io.output())).toMatchObject({ event: 'torrent.progress', os: 'debian', ...facts })
})

test('the speed is that of the last seconds, and the time left follows from it', () => {
  const meter = new ProgressMeter(0)
  expect(meter.measure(100, 1000, 1000)).toEqual({ done: 100, bytes: 1000, bytesPerSecond: 100, secondsLeft: 9 })
  for (let second = 2; second <= 20; second += 1) meter.measure(100 + 10 * (second - 1), 1000, 1000 * second)
  const { bytesPerSecond, secondsLeft } = meter.measure(300, 1000, 21_000)
  expect(bytesPerSecond).toBeCloseTo(10)
  expect(secondsLeft).toBeCloseTo(70)
})

test('nobody knows how long it takes before anything is done', () => {
  expect(new ProgressMeter(0).measure(0, 1000, 1000).secondsLeft).toBe(Number.POSITIVE_INFINITY)
})
