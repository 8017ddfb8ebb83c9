import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDownload } from '../../../client/tui/aria2.ts'
import { system } from '../../../client/tui/system-node.ts'
import { type ClientPrograms, Phase1, payload, unpackClient } from './phase1.ts'

let unpacked: string
let programs: ClientPrograms

beforeAll(async () => {
  unpacked = await mkdtemp(join(tmpdir(), 'boottorrent-client-'))
  programs = await unpackClient(unpacked)
})

afterAll(() => rm(unpacked, { recursive: true, force: true }))

test('a machine that has everything tells the tracker that it leaves, and is gone within a second', async () => {
  await using phase1 = await Phase1.create()
  await phase1.addOs('linux', { vmlinuz: payload(1_000_000) })
  await phase1.seed('linux')
  const completed = phase1.announced('complete')
  const download = await startDownload(system, {
    program: programs.aria2c,
    torrent: join(phase1.folder, 'torrents/linux.torrent'),
    folder: join(phase1.folder, 'oss'),
    logFile: join(phase1.folder, 'aria2.log'),
    settings: { lpd: false, dht: false, pex: false, checkIntegrity: false, logLevel: 'notice' },
    resume: false,
  })
  await completed
  const stopped = phase1.announced('stop')
  const began = performance.now()
  await download.stop()
  const took = performance.now() - began
  await stopped
  expect(took).toBeLessThan(1000)
  console.log(`gone after ${Math.round(took)} ms`)
}, 30_000)
