import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createNeighbours } from '../../../src/platform/linux/neighbours.ts'

// Written by Linux 6.1.
const table = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.10       0x1         0x2         52:54:00:AB:00:01     *        eth0
192.0.2.11       0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.1        0x1         0x6         52:54:00:ab:00:02     *        eth0
`

let folder: string
let file: string
let now = 0

const findNeighbour = (address: string, path: string) => createNeighbours(() => now, path)(address)

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-neighbours-'))
  file = path.join(folder, 'arp')
  await writeFile(file, table)
  now = 0
})

afterEach(() => rm(folder, { recursive: true, force: true }))

it('finds the machine that has an address, whole addresses only', () => {
  expect(findNeighbour('192.0.2.10', file)).toBe('52:54:00:ab:00:01')
  expect(findNeighbour('192.0.2.1', file)).toBe('52:54:00:ab:00:02')
})

it('knows nobody who did not answer, who is not there, or where the system does not say', () => {
  expect(findNeighbour('192.0.2.11', file)).toBeUndefined()
  expect(findNeighbour('192.0.2.99', file)).toBeUndefined()
  expect(findNeighbour('192.0.2.10', path.join(folder, 'missing'))).toBeUndefined()
})

it('is not read again for every question, but soon', async () => {
  const find = createNeighbours(() => now, file)
  expect(find('192.0.2.12')).toBeUndefined()
  await writeFile(file, table.replace('192.0.2.11       0x1         0x0', '192.0.2.12       0x1         0x2'))
  now = 19
  expect(find('192.0.2.12')).toBeUndefined()
  now = 20
  expect(find('192.0.2.12')).toBe('00:00:00:00:00:00')
})
