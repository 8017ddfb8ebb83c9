import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formatAddress } from '../../../src/dhcp/address.ts'
import { Journal } from '../../../src/dhcp/journal.ts'
import { formatLease, parseLease } from '../../../src/dhcp/lease-line.ts'
import type { Lease } from '../../../src/dhcp/leases.ts'
import type { LogEntry } from '../../../src/log.ts'
import { addressNumber, macNumber } from './build.ts'

let folder: string
let path: string
let taken: Lease[]
let log: LogEntry[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leases-'))
  path = join(folder, 'leases')
  taken = []
  log = []
})
afterEach(() => rm(folder, { recursive: true }))

const lease = (index: number, expires = 2_000_000): Lease => {
  const mac = macNumber(index)
  return { address: addressNumber('10.0.0.0') + index, mac, hostname: undefined, expires }
}

function open(leases: () => Lease[] = () => taken): Promise<Journal> {
  taken = []
  log = []
  const count = () => leases().length
  return Journal.open(path, { take: (one) => taken.push(one), count, leases, log: (entry) => log.push(entry) })
}

test('what was written is read again, in order', async () => {
  const leases = [lease(1), lease(2, Number.POSITIVE_INFINITY), { ...lease(3, 0), hostname: 'pc-03' }]
  const journal = await open()
  await Promise.all(leases.map((one) => journal.append(one)))
  await journal.close()
  await (await open()).close()
  expect(taken).toEqual(leases)
})

test('a lease is in the file when its promise is kept', async () => {
  const journal = await open()
  await journal.append(lease(1))
  expect(await readFile(path, 'utf8')).toBe(formatLease(lease(1)))
  await journal.close()
})

test('closing waits for what is being written', async () => {
  const journal = await open()
  const written = [1, 2, 3].map((index) => journal.append(lease(index)))
  await journal.close()
  await Promise.all(written)
  await (await open()).close()
  expect(taken.length).toBe(3)
})

describe('a crash', () => {
  test('in the last line loses that line and nothing else, at whatever byte', async () => {
    const text = [1, 2, 3].map((index) => formatLease(lease(index))).join('')
    const whole = text.length - formatLease(lease(3)).length
    for (let length = whole + 1; length < text.length; length++) {
      await writeFile(path, text.slice(0, length))
      const journal = await open()
      expect(taken).toEqual([lease(1), lease(2)])
      expect(log.map(({ event }) => event)).toEqual(['dhcp.leases-repaired'])
      await journal.append(lease(4))
      await journal.close()
      expect((await readFile(path, 'utf8')).slice(whole)).toBe(formatLease(lease(4)))
    }
  })

  test('that left strange lines in the middle costs only those, and is told', async () => {
    const strange = ['{}', 'null', '7', '', '\0\0\0', '{"address":"1.2.3","mac":"a","expires":1}']
    await writeFile(
      path,
      [formatLease(lease(1)), ...strange.map((line) => `${line}\n`), formatLease(lease(2))].join(''),
    )
    await (await open()).close()
    expect(taken).toEqual([lease(1), lease(2)])
    expect(log).toMatchObject([{ event: 'dhcp.leases-damaged', unreadable: strange.length }])
  })
})

test('a long file is rewritten with the leases that are left, and goes on', async () => {
  const left = [lease(7), lease(8)]
  const journal = await open(() => left)
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 500 }, (_, index) => journal.append(lease(index))))
  }
  await journal.append(lease(9))
  await journal.close()
  const lines = (await readFile(path, 'utf8')).split('\n').length - 1
  expect(lines).toBeLessThan(1_000)
  await (await open()).close()
  expect(taken.slice(0, 2)).toEqual(left)
  expect(taken.at(-1)).toEqual(lease(9))
})

test('leases come in faster than the disk: they are synced in groups', async () => {
  const journal = await open(() => Array.from({ length: 5_000 }, (_, index) => lease(index)))
  await Promise.all(Array.from({ length: 5_000 }, (_, index) => journal.append(lease(index))))
  expect(journal.syncs).toBeLessThan(10)
  await journal.close()
})

test('a path that is a folder is an error that says so', async () => {
  await expect(
    Journal.open(folder, { take: () => {}, count: () => 0, leases: () => [], log: () => {} }),
  ).rejects.toMatchObject({
    code: 'FILE',
    message: `The lease file ${folder} cannot be opened`,
  })
  expect((await stat(folder)).isDirectory()).toBe(true)
})

test('a missing folder is made', async () => {
  path = join(folder, 'a', 'b', 'leases')
  await (await open()).close()
  expect((await stat(path)).isFile()).toBe(true)
})

test('lines of any kind are a lease or nothing', () => {
  expect(parseLease(formatLease(lease(1)).trim())).toEqual(lease(1))
  for (const line of ['[', '"x"', '[]', '{"address":7}', 'true']) expect(parseLease(line)).toBeUndefined()
  expect(formatAddress(lease(1).address)).toBe('10.0.0.1')
})
