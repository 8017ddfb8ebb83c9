/** Seeded mutation of conversations, over real connections: whatever peers send, the seeder goes on serving. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSeeder, type MadeTorrent, makeTorrent, type Seeder } from '../../../src/seeder/index.ts'
import { mutate, seededRandom } from '../dhcp/mutate.ts'
import { fuzzSettings } from '../fuzz-settings.ts'
import { RawPeer, words } from './raw-peer.ts'

const { cases: CASES, seeds: SEEDS } = fuzzSettings({ cases: 300, seeds: [1, 2018] })

const BLOCK = 16 * 1024
/** Connections at the same time. */
const PEERS = 20
const content = Buffer.alloc(1024 * 1024, 'boottorrent image ')

let folder: string
let made: MadeTorrent
let seeder: Seeder
const crashes: Error[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seeder-fuzz-'))
  await mkdir(join(folder, 'os'))
  await writeFile(join(folder, 'os/image'), content)
  made = await makeTorrent({ name: 'os', directory: join(folder, 'os'), announce: [] })
  // All peers have this one address.
  const limits = { connectionsPerAddress: 512 }
  seeder = createSeeder({ address: '127.0.0.1', torrents: [{ torrent: made.torrent, directory: folder }], limits })
  seeder.on('crash', ({ error }) => crashes.push(error))
  await seeder.start()
})

afterAll(async () => {
  await seeder.close()
  await rm(folder, { recursive: true, force: true })
})

/** Length, kind, payload (BEP 3). */
function message(id: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  return Buffer.concat([words(payload.length + 1), Buffer.from([id]), payload])
}

/** What well-behaved peers say, each in one piece. */
function conversations(random: () => number): Buffer[] {
  const reserved = Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 0x04])
  const peerId = Buffer.from(`-FUZZ00-${Math.floor(random() * 1e12)}`.padEnd(20, '0').slice(0, 20))
  const protocol = Buffer.from('\x13BitTorrent protocol', 'latin1')
  const handshake = Buffer.concat([protocol, reserved, Buffer.from(made.infoHash, 'hex'), peerId])
  const extended = message(20, Buffer.from('\0d1:md11:ut_metadatai1e6:ut_pexi2ee4:reqqi255ee'))
  const download = [message(2), ...[0, 1, 2, 3].map((block) => message(6, words(0, block * BLOCK, BLOCK)))]
  const gossip = [
    message(4, words(0)),
    message(5, Buffer.from([0xf0])),
    message(14),
    message(15),
    message(17, words(1)),
  ]
  const others = [message(8, words(0, 0, BLOCK)), message(13, words(0)), message(16, words(0, 0, BLOCK))]
  const metadata = message(20, Buffer.from('\x01d8:msg_typei0e5:piecei0ee'))
  const publicKey = Buffer.from(Array.from({ length: 96 + 40 }, () => Math.floor(random() * 256)))
  return [
    Buffer.concat([handshake, extended, ...download]),
    Buffer.concat([handshake, ...gossip, ...download]),
    Buffer.concat([handshake, extended, metadata, ...others, message(9, words(6881)), message(3)]),
    publicKey,
    handshake,
  ]
}

/** Says it in two parts and goes, when the seeder has not ended the connection before. */
async function converse(bytes: Uint8Array, random: () => number): Promise<void> {
  const socket = connect(seeder.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  const split = Math.floor(random() * bytes.length)
  socket.write(bytes.subarray(0, split))
  socket.end(bytes.subarray(split))
  // node:events' once() would fail when the seeder resets the connection, which it may.
  await new Promise((resolve) => socket.once('close', resolve))
}

describe.each(SEEDS)('seed %i', (seed) => {
  test('peers that say anything at all leave the seeder serving', async () => {
    const random = seededRandom(seed)
    for (let done = 0; done < CASES; done += PEERS) {
      const group = Array.from({ length: PEERS }, () => mutate(conversations(random), random))
      await Promise.all(group.map((bytes) => converse(bytes, random)))
      if (crashes.length > 0) {
        const inputs = group.map((bytes) => Buffer.from(bytes).toString('hex'))
        throw new Error(`the seeder crashed with one of the inputs ${inputs.join(' ')}`, { cause: crashes[0] })
      }
    }
    const peer = new RawPeer(seeder.port)
    await peer.join(made.infoHash)
    expect((await peer.block(0, 0, BLOCK)).equals(content.subarray(0, BLOCK))).toBe(true)
    peer.destroy()
  })
})
