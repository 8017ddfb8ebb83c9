/** A server that is killed while its lease file is rewritten: every lease that was on the disk is there. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Journal } from '../../../src/dhcp/journal.ts'
import { lines } from './network.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rewrite-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** What is seen of a rewrite from outside, in this order. */
const moments = {
  'has begun': (kind: string, name: string | null) => kind === 'rename' && name === 'leases.new',
  'has written some of it': (kind: string, name: string | null) => kind === 'change' && name === 'leases.new',
  'has taken the place of the old file': (kind: string, name: string | null) => kind === 'rename' && name === 'leases',
}

test.each(
  Object.keys(moments).flatMap((moment) => [1, 2, 3].map((time) => [moment as keyof typeof moments, time] as const)),
)('a rewrite that %s, for the %ith time', async (moment, time) => {
  const path = join(folder, 'leases')
  await (await open(path, new Map())).close()
  const written = new Map<string, number>()
  const watcher = watch(folder)
  const writer = spawn(process.execPath, [fileURLToPath(new URL('journal-writer.ts', import.meta.url)), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  lines(writer.stdout, (line) => {
    const [mac = '', round] = line.split(' ')
    written.set(mac, Number(round))
  })
  let times = 0
  watcher.on('change', (kind, name) => {
    if (moments[moment](kind, String(name))) times += 1
    if (times === time) writer.kill('SIGKILL')
  })
  await once(writer, 'close')
  watcher.close()

  const found = new Map<string, number>()
  await (await open(path, found)).close()
  expect(written.size).toBe(500)
  expect([...written].filter(([mac, round]) => (found.get(mac) ?? 0) < round)).toEqual([])
})

function open(path: string, found: Map<string, number>): Promise<Journal> {
  return Journal.open(path, {
    take: ({ mac, expires }) => found.set(mac, expires),
    count: () => found.size,
    leases: () => [],
    log: () => {},
  })
}
