import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Journal } from '../../../src/dhcp/journal.ts'
import { formatLease } from '../../../src/dhcp/lease-line.ts'
import { LeaseRewrite } from '../../../src/dhcp/lease-rewrite.ts'
import type { Lease } from '../../../src/dhcp/leases.ts'
import { addressNumber, macNumber } from './build.ts'

const OLD = 'what was there before\n'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rewrite-'))
  path = join(folder, 'leases')
  await writeFile(path, OLD)
})
afterEach(() => rm(folder, { recursive: true }))

const lease = (index: number, expires = 2_000_000): Lease => {
  return { address: addressNumber('10.0.0.0') + index, mac: macNumber(index), hostname: undefined, expires }
}
const leases = Array.from({ length: 2_345 }, (_, index) => lease(index))

test('the old file is as it was until the new one has everything', async () => {
  const rewrite = new LeaseRewrite(path, leases)
  const copied = rewrite.copy()
  rewrite.follow([formatLease(lease(7, 3_000_000))])
  await copied
  rewrite.follow([formatLease(lease(8, 3_000_000))])
  expect(await readFile(path, 'utf8')).toBe(OLD)

  const file = await rewrite.takePlace()
  const all = [...leases, lease(7, 3_000_000), lease(8, 3_000_000)].map(formatLease)
  expect(await readFile(path, 'utf8')).toBe(all.join(''))
  expect(file.lines).toBe(all.length)
  await file.append([formatLease(lease(9))])
  await file.close()
  expect(await readFile(path, 'utf8')).toBe([...all, formatLease(lease(9))].join(''))
  expect(await readdir(folder)).toEqual(['leases'])
})

test('what changes while it copies does not change what it copies', async () => {
  const changing = new Map(leases.slice(0, 1_200).map((one) => [one.mac, one]))
  const rewrite = new LeaseRewrite(path, changing.values())
  const copied = rewrite.copy()
  changing.clear()
  await copied
  await (await rewrite.takePlace()).close()
  expect((await readFile(path, 'utf8')).split('\n').length - 1).toBe(1_200)
})

test('one that is given up leaves the old file and nothing else', async () => {
  const rewrite = new LeaseRewrite(path, leases)
  await rewrite.copy()
  await rewrite.abandon()
  expect(await readdir(folder)).toEqual(['leases'])
  expect(await readFile(path, 'utf8')).toBe(OLD)
})

test('what a crash left of one is removed at the next start', async () => {
  await writeFile(path, formatLease(lease(1)))
  await writeFile(`${path}.new`, 'half a li')
  const taken: Lease[] = []
  const options = { count: () => 0, leases: () => [], log: () => {} }
  await (await Journal.open(path, { ...options, take: (one) => taken.push(one) })).close()
  expect(taken).toEqual([lease(1)])
  expect(await readdir(folder)).toEqual(['leases'])
})
