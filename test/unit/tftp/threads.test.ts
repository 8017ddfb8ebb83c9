import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createBootFiles } from '../../../src/boot-files.ts'
import type { LogEntry } from '../../../src/log.ts'
import { SupervisedWorker } from '../../../src/supervised-worker.ts'
import { LocalHost } from '../../../src/tftp/host.ts'
import { createTftpServer, type TftpServer } from '../../../src/tftp/index.ts'
import { ThreadedHost } from '../../../src/tftp/threads.ts'
import { Peer } from './peer.ts'
import { randomBytes, seeded } from './random.ts'

const big = randomBytes(seeded(21), 2_000_000)
let folder: string
let server: TftpServer
let peers: Peer[]

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tftp-threads-'))
  const onDisk = path.join(folder, 'disk')
  writeFileSync(onDisk, big)
  server = createTftpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles([
      { name: 'disk', size: big.length, path: onDisk },
      { name: 'memory', size: big.length, bytes: big },
    ]),
    limits: { threads: 2 },
  })
  await server.start()
  peers = await Promise.all([1, 2, 3, 4].map(() => Peer.open(server.port)))
})
afterEach(async () => {
  await Promise.all(peers.map((peer) => peer.close()))
  await server.close()
  rmSync(folder, { recursive: true })
})

const first = () => peers[0] as Peer

test.each(['disk', 'memory'])('four clients at once take %s whole, from two threads', async (name) => {
  const fetched = await Promise.all(peers.map((peer) => peer.fetch(name, { blksize: 1468, windowsize: 4 })))
  for (const bytes of fetched) expect(bytes.equals(big)).toBe(true)
})

test('a client that never answers makes room for one that does', async () => {
  await server.close()
  server = createTftpServer({
    address: '127.0.0.1',
    port: server.port,
    files: createBootFiles([{ name: 'memory', size: big.length, bytes: big }]),
    limits: { threads: 2, transfersPerClient: 2 },
  })
  await server.start()
  const crowdedOut = once(server, 'aborted')
  const own = await Promise.all(peers.map(() => Peer.open(server.port)))
  for (const peer of own.slice(0, 2)) {
    peer.request('memory')
    await peer.next()
  }
  const third = own[2] as Peer
  expect((await third.fetch('memory', { blksize: 1468, windowsize: 16 })).equals(big)).toBe(true)
  expect((await crowdedOut)[0]).toMatchObject({ remote: { port: own[0]?.port }, reason: 'crowded-out' })
  await Promise.all(own.map((peer) => peer.close()))
})

test('a request that comes again while its transfer waits for the client starts no second one', async () => {
  const starts: unknown[] = []
  server.on('start', (facts) => starts.push(facts))
  first().request('memory')
  first().request('memory')
  const { port } = await first().next()
  first().ack(1, port)
  expect((await first().next()).packet).toMatchObject({ kind: 'DATA', block: 2 })
  expect(starts).toHaveLength(1)
})

test('a client that repeats its request again and again while it takes the file keeps its transfer', async () => {
  first().request('memory')
  const { port } = await first().next()
  for (let block = 1; block <= 100; block += 1) {
    first().request('memory')
    first().ack(block, port)
    expect(await first().next()).toMatchObject({ packet: { kind: 'DATA', block: block + 1 }, port })
  }
})

test('a file that is not what it was is refused by the server itself', async () => {
  truncateSync(path.join(folder, 'disk'), 10)
  const refused = once(server, 'refused')
  first().request('disk')
  const { packet, port } = await first().next()
  expect(packet).toMatchObject({ kind: 'ERROR', code: 0 })
  expect(port).toBe(server.port)
  expect((await refused)[0]).toMatchObject({ file: 'disk', reason: 'unreadable' })
})

test('close tells running clients and reports their end', async () => {
  first().request('memory')
  await first().next()
  const aborted = once(server, 'aborted')
  await server.close()
  expect((await aborted)[0]).toMatchObject({ file: 'memory', reason: 'closed' })
  expect((await first().next()).packet).toMatchObject({ kind: 'ERROR', message: 'The server is closing' })
})

describe('a thread that crashed', () => {
  /** The threads in the order in which they were given something to do. */
  let busy: readonly SupervisedWorker<unknown>[]
  beforeEach(() => {
    busy = vi.spyOn(SupervisedWorker.prototype, 'post').mock.contexts as SupervisedWorker<unknown>[]
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  async function crash(worker: SupervisedWorker<unknown> | undefined): Promise<void> {
    const crashed = once(worker as SupervisedWorker<unknown>, 'crash')
    // A thread cannot read this.
    worker?.post(null)
    await crashed
  }

  test('gets nothing to do before it runs again: the others serve', async () => {
    first().request('memory')
    await first().next()
    const aborted = once(server, 'aborted')
    await crash(busy[0])
    expect((await aborted)[0]).toMatchObject({ reason: 'crashed' })
    expect(server.transfers).toBe(0)
    const fetched = await Promise.all(
      peers.slice(1).map((peer) => peer.fetch('memory', { blksize: 1468, windowsize: 16 })),
    )
    for (const bytes of fetched) expect(bytes.equals(big)).toBe(true)
  })

  test('is replaced by the server itself when it was the last one, which says so, until it runs again', async () => {
    await server.close()
    const logged: LogEntry[] = []
    server = createTftpServer({
      address: '127.0.0.1',
      port: server.port,
      files: createBootFiles([{ name: 'memory', size: big.length, bytes: big }]),
      log: (entry) => logged.push(entry),
      limits: { threads: 1 },
    })
    await server.start()
    const peer = await Peer.open(server.port)
    peers.push(peer)
    peer.request('memory')
    await peer.next()
    const only = busy[0] as SupervisedWorker<unknown>
    const own = vi.spyOn(LocalHost.prototype, 'post')
    for (const times of [1, 2]) {
      const restarted = once(only, 'restart')
      await crash(only)
      expect(logged.filter(({ event }) => event === 'tftp.thread-crashed')).toHaveLength(times)
      expect((await peer.fetch('memory', { blksize: 1468 })).equals(big)).toBe(true)
      expect(own).toHaveBeenCalledTimes(times)
      await restarted
    }
    expect(logged.find(({ event }) => event === 'tftp.thread-crashed')?.message).toMatch(
      /is started again in \d+ ms; until then the server sends files itself: /,
    )
    expect((await peer.fetch('memory', { blksize: 1468 })).equals(big)).toBe(true)
    expect(own).toHaveBeenCalledTimes(2)
  })
})

test('where no thread can be started it serves without, and says so', async () => {
  vi.spyOn(ThreadedHost.prototype, 'start').mockRejectedValueOnce(new Error('no threads here'))
  const logged: LogEntry[] = []
  await using other = createTftpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles([{ name: 'memory', size: big.length, bytes: big }]),
    log: (entry) => logged.push(entry),
  })
  await other.start()
  await using peer = await Peer.open(other.port)
  expect((await peer.fetch('memory', { blksize: 1468 })).equals(big)).toBe(true)
  expect(logged.find(({ event }) => event === 'tftp.no-threads')?.message).toContain('no threads here')
})
