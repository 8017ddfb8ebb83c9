import { expect, test } from 'vitest'
import { Complaints } from '../../src/complaints.ts'
import type { LogEntry } from '../../src/log.ts'

const entry: LogEntry = { level: 'warn', event: 'tftp.test', message: 'test' }

function complaintsAt(clock: { now: number }): { complaints: Complaints; lines: LogEntry[] } {
  const lines: LogEntry[] = []
  const log = (line: LogEntry) => lines.push(line)
  return { complaints: new Complaints(log, () => clock.now), lines }
}

test('the same complaint is logged once, another one as well', () => {
  const { complaints, lines } = complaintsAt({ now: 0 })
  for (let copy = 0; copy < 5; copy += 1) complaints.once('malformed 192.0.2.1', entry)
  complaints.once('malformed 192.0.2.2', entry)
  expect(lines).toHaveLength(2)
})

test('a flood of different complaints ends in a bounded number of lines', () => {
  const { complaints, lines } = complaintsAt({ now: 0 })
  for (let peer = 0; peer < 100_000; peer += 1) complaints.once(`malformed ${peer}`, entry)
  expect(lines).toHaveLength(1000)
})

test('a flood of what clients did hides no failure of our own', () => {
  const { complaints, lines } = complaintsAt({ now: 0 })
  for (let peer = 0; peer < 2_000; peer += 1) complaints.once(`refused ${peer}`, entry)
  complaints.once('unreadable', { ...entry, level: 'error' })
  expect(lines.at(-1)?.level).toBe('error')
})

test('after ten minutes it is news again', () => {
  const clock = { now: 0 }
  const { complaints, lines } = complaintsAt(clock)
  complaints.once('a', entry)
  clock.now = 10 * 60 * 1000
  complaints.once('a', entry)
  expect(lines).toHaveLength(1)
  clock.now += 1
  complaints.once('a', entry)
  expect(lines).toHaveLength(2)
})
