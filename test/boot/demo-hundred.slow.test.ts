/** A hundred simulated machines in the room of `boottorrent demo`: many minutes of processor time, so it is a slow test. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { ServerEvent } from '../lab/boot-server.ts'

const run = promisify(execFile)
const program = path.resolve(import.meta.dirname, '../../dist/boottorrent.js')

test('a hundred machines boot with every byte verified, and no packet is dropped', { timeout: 600_000 }, async () => {
  // Small, for what is shown does not depend on it, and each byte costs a hundred times.
  const words = ['demo', '--clients', '100', '--size', '4MB', '--no-central', '--json']
  const { stdout } = await run(process.execPath, [program, ...words], { maxBuffer: 100_000_000 })
  const events = stdout
    .trim()
    .split('\n')
    .map((line): ServerEvent => JSON.parse(line))
  const summary = events.at(-1)
  expect(summary).toMatchObject({ event: 'summary', clients: 100, booted: 100, damagedPieces: 0 })
  expect(Number(summary?.peerBytes) + Number(summary?.serverBytes)).toBeGreaterThanOrEqual(100 * 4_000_000)
  expect(events.filter(({ event }) => event === 'demo.machine-failed')).toEqual([])
  const dropped = events.filter(({ event }) => /^dhcp\.(ignored|send-failed|socket-error)$/.test(event))
  expect(dropped).toEqual([])
  expect(Number(summary?.serverRatio), 'images that left the server').toBeLessThan(2)
  // The server, and all machines with it.
  expect(Number(summary?.memoryBytes)).toBeLessThan(500_000_000)
  console.log(
    `100 machines: ${summary?.seconds} s, server ÷ image ${summary?.serverRatio}, ${summary?.memoryBytes} bytes`,
  )
})
