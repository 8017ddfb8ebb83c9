import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createSeeder,
  type MadeTorrent,
  makeTorrent,
  type Seeder,
  type SeederLimits,
} from '../../../src/seeder/index.ts'
import { RawPeer } from './raw-peer.ts'

const BLOCK = 16 * 1024
const content = Buffer.alloc(8 * 1024 * 1024, 'boottorrent image ')

let folder: string
let made: MadeTorrent
let seeder: Seeder
let peers: RawPeer[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connections-'))
  await mkdir(join(folder, 'os'))
  await writeFile(join(folder, 'os/image'), content)
  made = await makeTorrent({ name: 'os', directory: join(folder, 'os'), announce: [] })
  peers = []
})

afterEach(async () => {
  for (const peer of peers) peer.destroy()
  await seeder.close()
  await rm(folder, { recursive: true, force: true })
})

async function seed(limits: Partial<SeederLimits> = {}): Promise<void> {
  seeder = createSeeder({ address: '127.0.0.1', torrents: [{ torrent: made.torrent, directory: folder }], limits })
  await seeder.start()
}

/** Connected, without a handshake. The seeder takes connections in the order in which they were made. */
async function callFrom(address: string): Promise<RawPeer> {
  const peer = new RawPeer(seeder.port, address)
  peers.push(peer)
  await once(peer.socket, 'connect')
  return peer
}

async function joinFrom(address: string): Promise<RawPeer> {
  const peer = await callFrom(address)
  await peer.join(made.infoHash)
  return peer
}

async function expectService(peer: RawPeer): Promise<void> {
  expect((await peer.block(0, 0, BLOCK)).equals(content.subarray(0, BLOCK))).toBe(true)
}

function closedOf(all: readonly RawPeer[]): number {
  return all.filter(({ socket }) => socket.closed).length
}

describe('connections to the seeder', () => {
  test('of one address are sixteen: one more ends the one that has been idle longest', async () => {
    await seed()
    const first = await joinFrom('127.0.0.2')
    const idle = await joinFrom('127.0.0.2')
    const others = []
    for (let count = 2; count < 16; count += 1) others.push(await joinFrom('127.0.0.2'))
    // The first is the oldest, but not idle.
    await expectService(first)
    const late = await joinFrom('127.0.0.2')
    await idle.closed()
    for (const peer of [first, ...others, late]) await expectService(peer)
  })

  test('of one address leave those of another alone', async () => {
    await seed()
    const machine = await joinFrom('127.0.0.3')
    const crowd = []
    for (let count = 0; count < 60; count += 1) crowd.push(await joinFrom('127.0.0.2'))
    await Promise.all(crowd.slice(0, 44).map((peer) => peer.closed()))
    await expectService(machine)
    expect(closedOf(crowd)).toBe(44)
  })

  test('are so many in all: then the address that has most loses the one that has been idle longest', async () => {
    await seed({ connections: 6 })
    const machine = await joinFrom('127.0.0.3')
    const crowd = []
    for (let count = 0; count < 5; count += 1) crowd.push(await joinFrom('127.0.0.2'))
    const late = await joinFrom('127.0.0.4')
    await crowd[0]?.closed()
    for (const peer of [machine, late]) await expectService(peer)
    expect(closedOf(crowd)).toBe(1)
  })

  test('without a handshake count as well, and do not keep anybody out', async () => {
    await seed()
    const silent = []
    for (let count = 0; count < 40; count += 1) silent.push(await callFrom('127.0.0.2'))
    await Promise.all(silent.slice(0, 24).map((peer) => peer.closed()))
    await expectService(await joinFrom('127.0.0.2'))
    await silent[24]?.closed()
    expect(closedOf(silent)).toBe(25)
  })

  test('without a handshake end after a while; others stay', async () => {
    await seed({ handshakeTimeout: 2_000 })
    const peer = await joinFrom('127.0.0.2')
    const silent = await callFrom('127.0.0.2')
    const slow = await callFrom('127.0.0.2')
    slow.socket.write('\x13BitTorrent')
    await Promise.all([silent.closed(), slow.closed()])
    await expectService(peer)
  })

  test('that ended make room', async () => {
    await seed({ connections: 2, connectionsPerAddress: 2 })
    const staying = await joinFrom('127.0.0.2')
    for (let count = 0; count < 3; count += 1) {
      const leaving = await joinFrom('127.0.0.2')
      const left = once(seeder, 'disconnect')
      leaving.destroy()
      await left
    }
    await expectService(staying)
  })
})
