/** Random and damaged requests, and clients that acknowledge what they like. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type BootFile, createBootFiles } from '../../../src/boot-files.ts'
import { createTftpServer, decodePacket, encodePacket, type TftpServer } from '../../../src/tftp/index.ts'
import { fuzzSettings, patience } from '../fuzz-settings.ts'
import { openDescriptors, usedMemory } from '../memory.ts'
import { fuzzCodec, fuzzTransfer } from './fuzz.ts'
import { openAttackers } from './fuzz-server.ts'
import { Peer } from './peer.ts'
import { randomBytes, seeded } from './random.ts'

const { cases, seeds } = fuzzSettings({ cases: 20_000, seeds: [69, 2018] })

describe.each(seeds)('seed %i', (seed) => {
  test('the codec answers everything, and what it reads it can write', () => {
    const counts = fuzzCodec(seed, cases, (packet) => {
      const again = decodePacket(encodePacket(packet))
      if (JSON.stringify(again) !== JSON.stringify(packet)) throw new Error('what was written is read differently')
    })
    expect(counts.understood).toBeGreaterThan(cases / 20)
    expect(counts.malformed).toBeGreaterThan(cases / 20)
  })

  test('no acknowledgement makes a transfer break a rule, and every transfer ends', () => {
    const rounds = Math.ceil(cases / 10)
    const { finished, gaveUp } = fuzzTransfer(seed, rounds)
    expect(finished + gaveUp).toBe(rounds)
    expect(finished).toBeGreaterThan(rounds / 5)
    expect(gaveUp).toBeGreaterThan(rounds / 20)
  })

  test(
    'over real sockets: after each burst a good client gets its file, and nothing is left behind',
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'tftp-fuzz-'))
      try {
        await attack(seed, Math.ceil(cases / 4), folder)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    patience,
  )
})

const BURST = 500

async function attack(seed: number, datagrams: number, folder: string): Promise<void> {
  const random = seeded(seed)
  const bytes = randomBytes(random, 20_000)
  const table = tableOf(folder, bytes)
  await using server = createTftpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles(table),
    // What nobody answers is over soon: thousands of transfers begin and end.
    limits: { threads: 0, transfers: 32, firstTimeout: 10, longestTimeout: 20, repetitions: 3 },
  })
  const descriptors = openDescriptors()
  await server.start()
  let settled = Number.POSITIVE_INFINITY
  const bursts = Math.ceil(datagrams / BURST)
  {
    const names = table.map(({ name }) => name)
    await using attackers = await openAttackers({ random, port: server.port, names, count: 12 })
    for (let burst = 1; burst <= bursts; burst += 1) {
      await attackers.send(BURST)
      expect(server.transfers).toBeLessThanOrEqual(64)
      expect(
        (await fetchPatiently(server, burst % 2 === 0 ? {} : { blksize: 1468, windowsize: 8 })).equals(bytes),
      ).toBe(true)
      // The first half warms up.
      if (burst === Math.ceil(bursts / 2)) settled = await usedMemory()
    }
    expect(Object.keys(attackers.sent)).toHaveLength(12)
  }
  // Some have chosen to wait for seconds.
  await server.close()
  expect(server.transfers).toBe(0)
  await expect.poll(openDescriptors, { timeout: 20_000 }).toBeLessThanOrEqual(descriptors)
  expect((await usedMemory()) - settled).toBeLessThan(4e6)
}

/** As any client does, asks again as long as all places are taken. */
async function fetchPatiently(server: TftpServer, options: Record<string, number>): Promise<Buffer> {
  await using peer = await Peer.open(server.port)
  const again = setInterval(() => peer.request('disk', options), 200)
  server.on('start', function started({ remote }) {
    if (remote.port !== peer.port) return
    server.off('start', started)
    clearInterval(again)
  })
  return await peer.fetch('disk', options)
}

/** Files in memory and on the disk, and what somebody may have put into their places. */
function tableOf(folder: string, bytes: Buffer): BootFile[] {
  const onDisk = (name: string): BootFile => ({ name, path: path.join(folder, name), size: bytes.length })
  writeFileSync(path.join(folder, 'disk'), bytes)
  symlinkSync('disk', path.join(folder, 'link'))
  mkdirSync(path.join(folder, 'directory'))
  execFileSync('mkfifo', [path.join(folder, 'fifo')])
  return [
    { name: 'served', bytes, size: bytes.length },
    { name: 'empty', bytes: Buffer.alloc(0), size: 0 },
    ...['disk', 'link', 'directory', 'fifo', 'gone'].map(onDisk),
  ]
}
