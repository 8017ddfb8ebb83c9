import { expect, test } from 'vitest'
import { describeClient } from '../../../src/dhcp/client.ts'
import { Reporter } from '../../../src/dhcp/reporter.ts'
import type { LogEntry } from '../../../src/log.ts'
import { MAC, request } from './build.ts'

const client = describeClient(request('discover', { mac: MAC }))

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
    const server = `10.0.${last >> 8}.${last & 255}`
    reporter.happened({ name: 'other-server', fact: { server, mac: MAC, client, interface: 'eth0' } })
  }
  for (let number = 0; number < 1000; number += 1) invent(number)
  expect(log.length).toBe(10)
  expect(told.length).toBe(10)
  now += 60_000
  invent(2000)
  expect(log.length).toBe(11)
})
