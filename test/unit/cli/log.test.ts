import { expect, test } from 'vitest'
import { jsonLog, plainLog } from '../../../src/cli/log.ts'
import type { LogEntry } from '../../../src/log.ts'
import { fakeIo } from './fake-io.ts'

const now = () => new Date(2026, 10, 22, 9, 5, 3)
const entry: LogEntry = {
  level: 'info',
  event: 'dhcp.offer',
  message: 'offered 10.0.0.5',
  mac: '52:54:00:12:34:56',
  step: 'address',
}

test('a plain line is the time, the machine and what happened', () => {
  const io = fakeIo()
  const log = plainLog(io, { level: 'info', now })
  log(entry)
  log({ ...entry, message: '52:54:00:12:34:56 is there', level: 'warn' })
  expect(io.output()).toBe(
    '09:05:03  52:54:00:12:34:56  offered 10.0.0.5\n09:05:03  warning: 52:54:00:12:34:56 is there\n',
  )
})

test('plain lines keep to the level', () => {
  const io = fakeIo()
  const log = plainLog(io, { level: 'warn', now })
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log({ ...entry, level, message: level })
  expect(
    io
      .output()
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[2]),
  ).toEqual(['warning:', 'error:'])
})

test('a message cannot move the cursor', () => {
  const io = fakeIo()
  plainLog(io, { level: 'info', now })({ ...entry, message: 'a\u001b[2J\nb' })
  expect(io.output()).toBe('09:05:03  52:54:00:12:34:56  a?[2J?b\n')
})

test('a JSON line has the time and every field', () => {
  const io = fakeIo()
  jsonLog(io, { level: 'info', now })(entry)
  expect(io.output().endsWith('\n')).toBe(true)
  expect(JSON.parse(io.output())).toEqual({ time: now().toISOString(), ...entry })
})

test('programs get every event but debug ones, whatever the level for people is', () => {
  const io = fakeIo()
  const log = jsonLog(io, { level: 'error', now })
  log(entry)
  log({ ...entry, level: 'debug' })
  expect(io.output().trim().split('\n')).toHaveLength(1)
})
