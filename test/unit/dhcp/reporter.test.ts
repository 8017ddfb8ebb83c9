import { expect, test } from 'vitest'
import { Reporter } from '../../../src/dhcp/reporter.ts'
import type { LogEntry } from '../../../src/log.ts'

test('invented DHCP servers do not fill the log, and later ones are told again', () => {
  let now = 0
  const log: LogEntry[] = []
  const told: string[] = []
  const reporter = new Reporter({
    isBeside: () => false,
    log: (entry) => log.push(entry),
    clock: () => now,
    emit: ({ name }) => told.push(name),
  })
  const invent = (last: number) => {
    const fact = { server: `10.0.${last >> 8}.${last & 255}`, interface: 'eth0', mac: undefined }
    reporter.happened({ name: 'other-server', fact } as Parameters<typeof reporter.happened>[0])
  }
  for (let number = 0; number < 1000; number += 1) invent(number)
  expect(log.length).toBe(10)
  expect(told.length).toBe(10)
  now += 60_000
  invent(2000)
  expect(log.length).toBe(11)
})
