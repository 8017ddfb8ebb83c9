/** Random and hostile connections to a real server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createBootFiles } from '../../../src/boot-files.ts'
import { createHttpServer, type HttpServer } from '../../../src/http/index.ts'
import type { LogEntry } from '../../../src/log.ts'
import { fuzzSettings, patience } from '../fuzz-settings.ts'
import { openDescriptors, usedMemory } from '../memory.ts'
import { randomBytes, seeded } from '../tftp/random.ts'
import { fuzzedCase, type HttpCase } from './fuzz-client.ts'

const { cases, seeds } = fuzzSettings({ cases: 4000, seeds: [80, 2018] })

/** Connections at the same time, and in one burst. */
const ABREAST = 48
const BURST = 200

/** Everything that a client may be told, whatever it sends. */
const statuses = new Set([100, 200, 204, 206, 304, 400, 404, 405, 408, 413, 414, 416, 417, 431, 500])

describe.each(seeds)('seed %i', (seed) => {
  test(
    'after each burst a good client gets its file, and nothing is left behind',
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'http-fuzz-'))
      try {
        await attack(seed, Math.ceil(cases / 10), folder)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    patience,
  )
})

async function attack(seed: number, connections: number, folder: string): Promise<void> {
  const random = seeded(seed)
  const bytes = randomBytes(random, 100_000)
  const onDisk = path.join(folder, 'disk')
  writeFileSync(onDisk, bytes)
  const errors: LogEntry[] = []
  await using server = createHttpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles([
      { name: 'file', bytes: bytes.subarray(0, 1000), size: 1000 },
      { name: 'disk', path: onDisk, size: bytes.length },
      { name: 'gone', path: path.join(folder, 'gone'), size: 1 },
    ]),
    log: (entry) => entry.level === 'error' && errors.push(entry),
    limits: { requestTimeout: 1000, idleTimeout: 50, readTimeout: 2000 },
  })
  await server.start()
  const descriptors = openDescriptors()
  let settled = Number.POSITIVE_INFINITY
  const bursts = Math.ceil(connections / BURST)
  for (let burst = 1; burst <= bursts; burst += 1) {
    // One that waits for its end to come holds up no other.
    let left = BURST
    const oneAfterTheOther = async () => {
      while (left-- > 0) await runCase(server, fuzzedCase(random))
    }
    await Promise.all(Array.from({ length: ABREAST }, oneAfterTheOther))
    const response = await fetch(`http://127.0.0.1:${server.port}/disk`, { headers: { connection: 'close' } })
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
    // The first half warms up.
    if (burst === Math.ceil(bursts / 2)) settled = await usedMemory()
  }
  // The only thing that is wrong with the server is the file that is not there.
  expect(errors.filter(({ file }) => file !== 'gone')).toEqual([])
  await expect.poll(openDescriptors, { timeout: 20_000 }).toBeLessThanOrEqual(descriptors)
  expect((await usedMemory()) - settled).toBeLessThan(4e6)
}

/** Sends one case, and looks that the answer is HTTP and of a known kind, and that the connection has an end. */
async function runCase({ port }: HttpServer, { parts, ending }: HttpCase): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  let answer = ''
  socket.on('data', (part) => {
    answer += part.toString('latin1')
  })
  const ended = new Promise((resolve) => {
    socket.once('end', resolve).once('close', resolve)
  })
  for (const part of parts) await new Promise((resolve) => socket.write(part, resolve))
  if (ending === 'ends') socket.end()
  if (ending === 'breaks off') socket.resetAndDestroy()
  await ended
  socket.destroy()
  for (const [line, status] of answer.matchAll(/^HTTP\/1\.1 (\d{3}) .*$/gm)) {
    if (!statuses.has(Number(status))) {
      throw new Error(`${line}, with the input ${JSON.stringify(Buffer.concat(parts).toString('latin1'))}`)
    }
  }
}
