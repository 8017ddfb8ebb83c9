import { once } from 'node:events'
import { mkdir, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeeder, type MadeTorrent, makeTorrent, type Seeder } from '../../../src/seeder/index.ts'
import type { Offence } from '../../../src/seeder/offences.ts'
import { WorkerThreads } from '../../lab/worker-threads.ts'
import { RawPeer, words } from './raw-peer.ts'

const BLOCK = 16 * 1024
const content = Buffer.alloc(8 * 1024 * 1024, 'boottorrent image ')

let folder: string
let made: MadeTorrent
let seeder: Seeder
let peers: RawPeer[]
let threads: WorkerThreads

/** Bytes of memory outside of JavaScript's own that the seeder's thread holds. */
async function seederBuffers(): Promise<number> {
  return (await threads.get('seeder-worker')?.getHeapStatistics())?.external_memory ?? Number.NaN
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seeder-'))
  await mkdir(join(folder, 'os'))
  await writeFile(join(folder, 'os/image'), content)
  made = await makeTorrent({ name: 'os', directory: join(folder, 'os'), announce: [] })
  peers = []
  threads = new WorkerThreads()
  // All peers have this one address.
  const limits = { connectionsPerAddress: 512 }
  seeder = createSeeder({ address: '127.0.0.1', torrents: [{ torrent: made.torrent, directory: folder }], limits })
  await seeder.start()
})

afterEach(async () => {
  threads[Symbol.dispose]()
  for (const peer of peers) peer.destroy()
  await seeder.close()
  await rm(folder, { recursive: true, force: true })
})

function connectPeer(): RawPeer {
  const peer = new RawPeer(seeder.port)
  peers.push(peer)
  return peer
}

async function expectService(): Promise<void> {
  const peer = connectPeer()
  await peer.join(made.infoHash)
  expect((await peer.block(0, 0, BLOCK)).equals(content.subarray(0, BLOCK))).toBe(true)
}

describe('the seeder', () => {
  test('serves the bytes that a peer asks for, and says who came and went', async () => {
    const connected = once(seeder, 'connect')
    const peer = connectPeer()
    await peer.join(made.infoHash)
    const offset = made.pieceLength - BLOCK
    const block = await peer.block(3, offset, BLOCK)
    expect(block.equals(content.subarray(4 * made.pieceLength - BLOCK, 4 * made.pieceLength))).toBe(true)
    const address = `127.0.0.1:${peer.socket.localPort}`
    expect(await connected).toEqual([{ infoHash: made.infoHash, peer: address, uploaded: 0 }])
    const left = once(seeder, 'disconnect')
    peer.destroy()
    expect(await left).toEqual([{ infoHash: made.infoHash, peer: address, uploaded: BLOCK }])
  })

  test('is fit for use again after it was closed', async () => {
    await expectService()
    await seeder.close()
    await seeder.start()
    await expectService()
  })

  test('listens on its own address only', async () => {
    const socket = new RawPeer(seeder.port).socket
    await once(socket, 'connect')
    socket.destroy()
    const other = createServer().listen(seeder.port, '127.0.0.2')
    // The same port of another address would be taken if it listened on all of them.
    await once(other, 'listening')
    other.close()
  })

  test('tells how much it has sent of each torrent', async () => {
    await expectService()
    await expectService()
    while (seeder.totals()[0]?.uploaded !== 2 * BLOCK) await once(seeder, 'totals')
    expect(seeder.totals()).toMatchObject([{ infoHash: made.infoHash, name: 'os' }])
  })

  test('that finds its port taken says so and what to do', async () => {
    const second = createSeeder({ address: '127.0.0.1', port: seeder.port, torrents: [] })
    await expect(second.start()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      hint: expect.stringContaining('ss -lnptu'),
    })
    await second.close()
  })

  test('with an address that this machine does not have says so', async () => {
    const second = createSeeder({ address: '192.0.2.1', torrents: [] })
    await expect(second.start()).rejects.toMatchObject({ code: 'INTERFACE' })
  })

  test('stops serving a torrent whose file was changed, and says which', async () => {
    const withdrawn = once(seeder, 'withdrawn')
    await writeFile(join(folder, 'os/image'), Buffer.alloc(content.length, 'other'))
    await utimes(join(folder, 'os/image'), 1, 1)
    const peer = connectPeer()
    await peer.join(made.infoHash)
    peer.request(0, 0, BLOCK)
    const [{ infoHash, reason }] = await withdrawn
    expect(infoHash).toBe(made.infoHash)
    expect(reason).toBe('image is not what it was when its torrent was made')
    await peer.closed()
  })
})

describe('what is served changes while it runs', () => {
  const other = Buffer.alloc(content.length, 'another system ')
  let another: MadeTorrent

  beforeEach(async () => {
    await mkdir(join(folder, 'another'))
    await writeFile(join(folder, 'another/image'), other)
    another = await makeTorrent({ name: 'another', directory: join(folder, 'another'), announce: [] })
  })

  async function expectServed({ infoHash }: MadeTorrent, bytes: Buffer): Promise<void> {
    await seederHas(infoHash)
    const peer = connectPeer()
    await peer.join(infoHash)
    expect((await peer.block(0, 0, BLOCK)).equals(bytes.subarray(0, BLOCK))).toBe(true)
  }

  async function seederHas(infoHash: string): Promise<void> {
    while (!seeder.totals().some((torrent) => torrent.infoHash === infoHash)) await once(seeder, 'totals')
  }

  test('a torrent that stays keeps its peers, and a new one is served', async () => {
    const peer = connectPeer()
    await peer.join(made.infoHash)
    seeder.serve([made, another].map(({ torrent }) => ({ torrent, directory: folder })))
    await expectServed(another, other)
    expect(await peer.block(1, 0, BLOCK)).toEqual(content.subarray(made.pieceLength, made.pieceLength + BLOCK))
  })

  test('a torrent that is gone ends for its peers', async () => {
    const peer = connectPeer()
    await peer.join(made.infoHash)
    seeder.serve([{ torrent: another.torrent, directory: folder }])
    await peer.closed()
    await expectServed(another, other)
    const late = connectPeer()
    late.handshake(made.infoHash)
    await late.closed()
  })

  test('a torrent that was withdrawn is served again when its file is what it was', async () => {
    const withdrawn = once(seeder, 'withdrawn')
    await writeFile(join(folder, 'os/image'), other)
    const peer = connectPeer()
    await peer.join(made.infoHash)
    peer.request(0, 0, BLOCK)
    await withdrawn
    await writeFile(join(folder, 'os/image'), content)
    seeder.serve([{ torrent: made.torrent, directory: folder }])
    await expectService()
  })
})

describe('the seeder survives a peer that', () => {
  test('asks for everything and reads nothing', async () => {
    const greedy = connectPeer()
    await greedy.join(made.infoHash)
    greedy.socket.pause()
    const blocks = content.length / BLOCK
    for (let index = 0; index < 1_500; index += 1) {
      const at = (index % blocks) * BLOCK
      greedy.request(Math.floor(at / made.pieceLength), at % made.pieceLength, BLOCK)
    }
    await expectService()
    greedy.destroy()
    const [{ uploaded }] = await once(seeder, 'disconnect')
    // What the sockets of both ends hold, and what the gate lets through: not the 24 MiB that it asked for.
    expect(uploaded).toBeLessThan(12 * 1024 * 1024)
  })

  test('asks for everything and reads nothing, a hundred times', async () => {
    const before = process.memoryUsage.rss()
    const crowd = Array.from({ length: 100 }, connectPeer)
    await Promise.all(crowd.map((greedy) => greedy.join(made.infoHash)))
    const pieces = content.length / made.pieceLength
    for (const greedy of crowd) {
      greedy.socket.pause()
      for (let index = 0; index < 400; index += 1) greedy.request(index % pieces, Math.floor(index / pieces), BLOCK)
    }
    await expectService()
    // They asked for 640 MiB. What each may have on its way is 256 KiB, and the kernel's buffers are not ours.
    expect(process.memoryUsage.rss() - before).toBeLessThan(150e6)
    let left = 0
    const allLeft = new Promise<void>((resolve) => {
      seeder.on('disconnect', () => {
        left += 1
        if (left === crowd.length) resolve()
      })
    })
    for (const greedy of crowd) greedy.destroy()
    await allLeft
    await expectService()
  })

  test('asks for something of every piece and reads nothing: sockets hold little, and everything is given back', async () => {
    const large = join(folder, 'large')
    await mkdir(large)
    // Sparse: 512 pieces of 512 KiB. What a peer may have on its way could be of 16 of them, for each of a hundred peers.
    await writeFile(join(large, 'image'), '')
    await truncate(join(large, 'image'), 256 * 1024 * 1024)
    const { torrent, infoHash, pieceLength } = await makeTorrent({ name: 'large', directory: large, announce: [] })
    seeder.serve([made.torrent, torrent].map((each) => ({ torrent: each, directory: folder })))
    while (seeder.totals().length < 2) await once(seeder, 'totals')

    const greedyRound = async () => {
      const crowd = Array.from({ length: 60 }, connectPeer)
      await Promise.all(crowd.map((greedy) => greedy.join(infoHash)))
      for (const [number, greedy] of crowd.entries()) {
        greedy.socket.pause()
        for (let at = 0; at < 100; at += 1) greedy.request((number * 8 + at * 5) % 512, (at % 32) * BLOCK, BLOCK)
      }
      const last = connectPeer()
      await last.join(infoHash)
      await last.block(511, pieceLength - BLOCK, BLOCK)
      const most = { all: process.memoryUsage.rss(), buffers: await seederBuffers() }
      for (const greedy of [...crowd, last]) greedy.destroy()
      while (seeder.totals().some((each) => each.peers > 0)) await once(seeder, 'totals')
      return most
    }
    const before = process.memoryUsage.rss()
    const first = await greedyRound()
    // Without a limit, what peers have on their way would hold 480 MiB.
    expect(first.all - before).toBeLessThan(150e6)
    for (let round = 0; round < 5; round += 1) {
      // Each round has 15 MB on its way.
      expect((await greedyRound()).buffers).toBeLessThan(75e6)
    }
  }, 60_000)

  test('never stops asking', async () => {
    const flood = connectPeer()
    await flood.join(made.infoHash)
    flood.socket.pause()
    const pieces = content.length / made.pieceLength
    for (let index = 0; index < 4_000; index += 1) flood.request(index % pieces, Math.floor(index / pieces), BLOCK)
    expect(await once(seeder, 'offence')).toMatchObject([{ kind: 'flood' }])
    // The end comes behind the blocks that are on their way.
    flood.socket.resume()
    await flood.closed()
    await expectService()
  })

  test.each<[string, Offence, number, (peer: RawPeer) => void]>([
    ['announces 2 GiB', 'message', 1, (peer) => peer.socket.write(words(0x7fffffff))],
    ['says something unknown', 'unknown', 2, (peer) => peer.send(99)],
    ['has a piece too many', 'have', 2, (peer) => peer.send(4, words(peer.socket.bytesWritten + 1000))],
    ['has a piece with a negative number', 'have', 2, (peer) => peer.send(4, words(0xffffffff))],
    ['sends a short bitfield', 'bitfield', 2, (peer) => peer.send(5, Buffer.alloc(1))],
    ['sends a piece', 'piece', 2, (peer) => peer.send(7, Buffer.alloc(BLOCK + 8))],
    ['asks for a piece too many', 'request', 2, (peer) => peer.request(1000, 0, BLOCK)],
    ['asks for nothing', 'request', 2, (peer) => peer.request(0, 0, 0)],
    ['asks for half a megabyte at once', 'request', 1, (peer) => peer.request(0, 0, 512 * 1024)],
  ])('%s, which is counted and told once', async (_, kind, count, misbehave) => {
    const told: unknown[] = []
    seeder.on('offence', (offence) => told.push(offence))
    const peer = connectPeer()
    await peer.join(made.infoHash)
    const address = `127.0.0.1:${peer.socket.localPort}`
    for (let time = 0; time < count; time += 1) misbehave(peer)
    while (seeder.offences()[kind] !== count) await once(seeder, 'offences')
    expect(told).toEqual([{ infoHash: made.infoHash, peer: address, kind, detail: expect.any(String) }])
    expect(seeder.offences()).toEqual({ [kind]: count })
    await expectService()
  })

  const infoHash = () => made.infoHash
  test.each<[string, (peer: RawPeer) => void]>([
    ['says nothing and leaves', (peer) => peer.socket.end()],
    ['speaks HTTP', (peer) => peer.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['wants a torrent that we do not have', (peer) => peer.handshake('00'.repeat(20))],
    ['sends a message of 4 GiB', (peer) => [peer.handshake(infoHash()), peer.socket.write(words(0xffffffff))]],
    [
      'sends empty messages of every kind',
      (peer) => {
        peer.handshake(infoHash())
        for (let id = 0; id < 256; id += 1) peer.send(id)
      },
    ],
    ['has a piece number 4294967295', (peer) => [peer.handshake(infoHash()), peer.send(4, words(0xffffffff))]],
    [
      'sends a bitfield of another size',
      (peer) => [peer.handshake(infoHash()), peer.send(5, Buffer.alloc(100_000, 0xff))],
    ],
    [
      'sends pieces that nobody asked for',
      (peer) => [peer.handshake(infoHash()), peer.send(7, Buffer.alloc(BLOCK + 8))],
    ],
    [
      'sends a broken extension handshake',
      (peer) => [peer.handshake(infoHash()), peer.send(20, Buffer.from('\0d1:m'))],
    ],
    [
      'sends an extension handshake of odd types',
      (peer) => {
        peer.handshake(infoHash())
        for (const text of ['d1:mi5ee', 'd1:md11:ut_metadatadeee', 'li1ee', 'i1e', 'd1:mle4:reqq1:xe']) {
          peer.send(20, Buffer.from(`\0${text}`))
        }
      },
    ],
  ])('%s', async (_, misbehave) => {
    const peer = connectPeer()
    await once(peer.socket, 'connect')
    let crashed = false
    seeder.on('crash', () => {
      crashed = true
    })
    misbehave(peer)
    peer.socket.end()
    await expectService()
    expect(crashed).toBe(false)
  })

  test.each([
    ['a piece that is not there', 0xffffffff, 0, BLOCK],
    ['bytes behind a piece', 0, 0xffffff00, BLOCK],
    ['no bytes', 0, 0, 0],
    ['too many bytes', 0, 0, 0xffffffff],
  ])('asks for %s', async (_, index, offset, length) => {
    const peer = connectPeer()
    await peer.join(made.infoHash)
    let crashed = false
    seeder.on('crash', () => {
      crashed = true
    })
    peer.request(index, offset, length)
    await expectService()
    expect(crashed).toBe(false)
  })
})
