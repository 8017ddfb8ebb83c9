/** Fills a small disk with leases and makes room again: `full-disk.ts FOLDER`. Prints what happened as JSON. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Journal } from '../../../src/dhcp/journal.ts'
import type { Lease } from '../../../src/dhcp/leases.ts'
import { addressNumber, macNumber } from '../../unit/dhcp/build.ts'

const [folder = ''] = process.argv.slice(2)
const path = join(folder, 'leases')
const filler = join(folder, 'filler')
const leases = new Map<string, Lease>()
const events: string[] = []

function open(take: (lease: Lease) => void): Promise<Journal> {
  const log = ({ event }: { event: string }) => events.push(event)
  return Journal.open(path, { take, count: () => leases.size, leases: () => leases.values(), log })
}

async function give(journal: Journal, count: number): Promise<void> {
  const written = Array.from({ length: count }, () => {
    const index = leases.size
    const lease = {
      address: addressNumber('10.0.0.0') + index,
      mac: macNumber(index),
      hostname: undefined,
      expires: 1e15,
    }
    leases.set(lease.mac, lease)
    return journal.append(lease)
  })
  await Promise.all(written)
}

await writeFile(filler, Buffer.alloc(160 * 1024))
const journal = await open(() => {})
while (!events.includes('dhcp.leases-unwritten')) await give(journal, 50)
for (let time = 0; time < 10; time++) await give(journal, 50)
const whileFull = [...events]
await rm(filler)
await give(journal, 1)
await journal.close()

const found = new Set<string>()
await (await open(({ mac }) => found.add(mac))).close()
const lost = [...leases.keys()].filter((mac) => !found.has(mac)).length
console.log(JSON.stringify({ whileFull, events, given: leases.size, lost }))
