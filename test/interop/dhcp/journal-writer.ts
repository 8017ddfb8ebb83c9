/**
 * Writes leases without end, `journal-writer.ts FILE`: 500 machines renew again and again, so that the file is rewritten
 * every few rounds. Prints `MAC ROUND` for each lease that is on the disk, and nothing before that.
 */
import { writeSync } from 'node:fs'
import { Journal } from '../../../src/dhcp/journal.ts'
import type { Lease } from '../../../src/dhcp/leases.ts'
import { addressNumber, macNumber } from '../../unit/dhcp/build.ts'

const [path = ''] = process.argv.slice(2)
const MACHINES = 500
const leases = new Map<string, Lease>()
const journal = await Journal.open(path, {
  take: (lease) => leases.set(lease.mac, lease),
  count: () => leases.size,
  leases: () => leases.values(),
  log: ({ message }) => console.error(message),
})

async function renew(index: number, round: number): Promise<void> {
  const lease = {
    address: addressNumber('10.0.0.0') + index,
    mac: macNumber(index),
    hostname: undefined,
    expires: round,
  }
  leases.set(lease.mac, lease)
  await journal.append(lease)
  writeSync(1, `${lease.mac} ${round}\n`)
}

for (let round = 1; ; round++) await Promise.all(Array.from({ length: MACHINES }, (_, index) => renew(index, round)))
