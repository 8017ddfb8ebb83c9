/** Floods of made-up machines, with a real one among them. */
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLan, type Lan } from './lan.ts'
import { lineOf, SERVER, serve, udhcpc } from './network.ts'

let lan: Lan
let folder: string

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
  folder = await mkdtemp(join(tmpdir(), 'flood-'))
})
afterEach(async () => {
  await lan.close()
  await rm(folder, { recursive: true })
})

const MEGABYTE = 1e6
/** Of the server, while machines are made up that it could remember: what it may keep is a matter of kilobytes. */
const GROWTH = 64 * MEGABYTE

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

test('6000 packets a second of every kind leave machines served, memory, log and leases bounded', async () => {
  const leaseFile = join(folder, 'leases')
  await using server = await serve(lan, { leaseFile })
  const attacker = await lan.host('02:00:00:00:04:01')
  await attacker.run('ip', 'address', 'add', '172.30.0.3/24', 'dev', 'eth0')
  const flood = attacker.spawn(
    process.execPath,
    fileURLToPath(new URL('flood.ts', import.meta.url)),
    '172.30.0.3',
    SERVER.address,
  )
  await lineOf(flood, /sent 6000/)
  const before = residentBytes(server.pid)

  // Machines that were never here, one after the other, while it goes on.
  for (const number of [1, 2, 3]) {
    const lease = await udhcpc(await lan.host(`02:00:00:00:05:0${number}`), '-t', '20', '-T', '1')
    expect(lease.ip).toMatch(/^172\.30\.0\./)
  }
  await lineOf(flood, /sent/)
  expect(residentBytes(server.pid) - before).toBeLessThan(GROWTH)
  expect(server.count('dhcp.flood')).toBeLessThanOrEqual(10)
  expect(server.log.length).toBeLessThan(15_000)
  // The three, and as many unknown renewals as are believed in a minute.
  const lines = (await readFile(leaseFile, 'utf8')).split('\n').length - 1
  expect(lines).toBeGreaterThanOrEqual(3)
  expect(lines).toBeLessThan(200)
})
