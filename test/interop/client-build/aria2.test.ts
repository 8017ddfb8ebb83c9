/**
 * Our small aria2c and Debian's own, which is the foreign peer: an encrypted handshake succeeds only between clients that
 * really compute the same key.
 */

import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import Server from 'bittorrent-tracker/server'
import createTorrent from 'create-torrent'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildClient } from '../../../client/build/client.ts'
import { createProgress } from '../../../client/build/progress.ts'
import type { ClientManifest } from '../../../client/contract.ts'

const MINUTE = 60_000
const DEBIAN = 'aria2c'

let folder: string
let ours: string

beforeAll(async () => {
  const built = await buildClient({
    progress: createProgress((line) => process.stderr.write(`${line}\n`)),
    compression: 'gzip',
  })
  const manifest = JSON.parse(await readFile(join(built, 'manifest.json'), 'utf8')) as ClientManifest
  folder = await mkdtemp(join(tmpdir(), 'boottorrent-aria2-'))
  ours = join(folder, 'aria2c')
  const input = gunzipSync(await readFile(join(built, manifest.segments.base)))
  const program = execFileSync('cpio', ['-i', '--quiet', '--to-stdout', 'bin/aria2c'], { input, maxBuffer: 20_000_000 })
  await writeFile(ours, program, { mode: 0o755 })
}, 15 * MINUTE)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('is small, and computes with nettle and GMP', async () => {
  const version = execFileSync(ours, ['--version'], { encoding: 'utf8' })
  expect(version).toMatch(/^Libraries: nettle GMP/m)
  expect(version).toMatch(/^Enabled Features: BitTorrent, Message Digest$/m)
  expect((await readFile(ours)).length).toBeLessThan(4_000_000)
})

test('downloads from the aria2c of Debian when that one demands encryption', { timeout: 2 * MINUTE }, async () => {
  await transfer({ from: DEBIAN, to: ours })
})

test('serves the aria2c of Debian when that one demands encryption', { timeout: 2 * MINUTE }, async () => {
  await transfer({ from: ours, to: DEBIAN })
})

/** One seeds, the other downloads; both insist on encryption. */
async function transfer({ from, to }: { from: string; to: string }): Promise<void> {
  const place = await mkdtemp(join(folder, 'swarm-'))
  const content = randomBytes(3_000_000)
  const have = join(place, 'have')
  const want = join(place, 'want')
  await mkdir(have)
  await mkdir(want)
  await writeFile(join(have, 'payload'), content)

  const tracker = new Server({ udp: false, ws: false, stats: false, http: true })
  onTestFinished(() => promisify(tracker.close.bind(tracker) as (done: () => void) => void)())
  tracker.http.listen(0, '127.0.0.1')
  await once(tracker.http, 'listening')
  const { port } = tracker.http.address() as AddressInfo
  const announce = `http://127.0.0.1:${port}/announce`

  const torrentFile = join(place, 'payload.torrent')
  const options = { name: 'payload', pieceLength: 65_536, announceList: [[announce]] }
  await writeFile(torrentFile, await promisify(createTorrent)(join(have, 'payload'), options))

  // Who comes second learns of the first at once.
  const announced = once(tracker, 'start')
  start(from, ['--seed-ratio=0.0', '--check-integrity=true', `--dir=${have}`, ...(await common()), torrentFile])
  await announced
  const leecher = start(to, ['--seed-time=0', `--dir=${want}`, ...(await common()), torrentFile])
  const [status] = await once(leecher.child, 'close')
  expect(status, leecher.output()).toBe(0)
  expect((await readFile(join(want, 'payload'))).equals(content)).toBe(true)
}

async function common(): Promise<string[]> {
  return [
    ...['--no-conf=true', '--bt-require-crypto=true', '--bt-min-crypto-level=arc4', '--allow-overwrite=true'],
    ...['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--enable-peer-exchange=false'],
    ...['--file-allocation=none', '--summary-interval=0', `--listen-port=${await freePort()}`],
  ]
}

function start(command: string, args: string[]) {
  let output = ''
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk
  })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return { child, output: () => output }
}

/** aria2 cannot be told to choose a port by itself and say which. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await promisify(server.close.bind(server))()
  return port
}
