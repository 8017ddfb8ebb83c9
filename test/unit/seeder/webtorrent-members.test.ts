/**
 * What the seeder takes for granted of webtorrent and bittorrent-protocol without a word in their documentation. Each test
 * names a member and the file that relies on it: after an upgrade that changes one, that file wants a look.
 */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebTorrent, { type Torrent, type Wire } from 'webtorrent'
import { makeTorrent } from '../../../src/seeder/index.ts'
import { RawPeer, words } from './raw-peer.ts'

/** What was seen on one connection, from webtorrent's `wire` event on. */
interface Seen {
  /** What `_peers` has for the connection at that time. */
  socket: unknown
  /** Bytes that are waited for at that time, and after the peer has spoken. */
  awaited: unknown[]
  /** The arguments of each call, by member. */
  readonly calls: Map<string, unknown[][]>
  /** What was written to the socket. */
  readonly written: unknown[]
}

let folder: string
let client: WebTorrent
let server: unknown
let peer: RawPeer
let seen: Seen

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'members-'))
  await mkdir(join(folder, 'os'))
  await writeFile(join(folder, 'os/image'), Buffer.alloc(300_000, 'image'))
  const { torrent: bytes, infoHash } = await makeTorrent({ name: 'os', directory: join(folder, 'os'), announce: [] })
  client = new WebTorrent({
    dht: false,
    lsd: false,
    utp: false,
    natUpnp: false,
    natPmp: false,
    torrentPort: { host: '127.0.0.1', port: 0 },
  })
  server = client._connPool?.tcpServer
  const torrent = client.add(bytes, { path: folder })
  const wireSeen = new Promise<Wire>((resolve) => torrent.once('wire', resolve))
  torrent.once('wire', (wire: Wire) => {
    seen = watch(torrent, wire)
    // webtorrent listens for a peer's interest from now on, and would leave one that was quicker waiting.
    setImmediate(() => wire.unchoke())
  })
  await once(torrent, 'done')
  peer = new RawPeer(client.address()?.port ?? 0)
  await peer.join(infoHash)
  const wire = await wireSeen
  // HAVE, by which the block after it was taken in too.
  peer.send(4, words(0))
  await peer.block(0, 0, 16_384)
  seen.awaited.push(wire._parserSize)
})

afterAll(async () => {
  peer?.destroy()
  await new Promise<void>((resolve) => client.destroy(() => resolve()))
  await rm(folder, { recursive: true, force: true })
})

function watch(torrent: Torrent, wire: Wire): Seen {
  const socket: unknown = torrent._peers?.get?.(`${wire.remoteAddress}:${wire.remotePort}`)?.conn
  const calls = new Map<string, unknown[][]>()
  for (const name of ['_parse', '_debug', 'push', 'haveAll', 'haveNone', 'bitfield'])
    calls.set(name, record(wire, name))
  const written = socket instanceof Socket ? record(socket, 'write') : []
  return { socket, awaited: [wire._parserSize], calls, written: written as unknown[] }
}

/** The arguments of each call from now on; none when there is no such method. */
function record(target: object, name: string): unknown[][] {
  const calls: unknown[][] = []
  const method: unknown = Reflect.get(target, name)
  if (typeof method !== 'function') return calls
  Reflect.set(target, name, (...args: unknown[]) => {
    calls.push(args)
    return method.apply(target, args)
  })
  return calls
}

const firstArguments = (name: string) => (seen.calls.get(name) ?? []).map(([first]) => first)

test.each<[member: string, file: string, what: string, holds: () => boolean]>([
  [
    '_peers',
    'seeding.ts',
    'has the socket by address:port when `wire` is emitted',
    () => seen.socket instanceof Socket,
  ],
  [
    '_connPool',
    'seeding.ts',
    'has the server that accepts peers, as soon as the client is there',
    () => server instanceof Server && server.listenerCount('connection') === 1,
  ],
  [
    '_debug',
    'seeding.ts',
    'can be replaced, and is called with a text for each message',
    () => firstArguments('_debug').some((text) => `${text}`.startsWith('got have')),
  ],
  [
    'push',
    'direct-sender.ts',
    'is called for all that is sent, the handshake first, when `wire` has been emitted',
    () => Buffer.from(firstArguments('push')[0] as Uint8Array).toString('latin1', 1, 20) === 'BitTorrent protocol',
  ],
  [
    'push',
    'direct-sender.ts',
    'brings each chunk to the `write` of the socket as the same object, so that its end is seen there',
    () => {
      const written = new Set((seen.written as unknown[][]).map(([chunk]) => chunk))
      const pushed = firstArguments('push')
      return pushed.length > 1 && pushed.every((chunk) => written.has(chunk))
    },
  ],
  [
    '_parse',
    'message-guard.ts',
    'can be replaced, and is called with the length of each message before it is taken in (5 bytes for HAVE)',
    () => (seen.calls.get('_parse') ?? []).some(([bytes, parser]) => bytes === 5 && typeof parser === 'function'),
  ],
  [
    '_parserSize',
    'message-guard.ts',
    'is the number of bytes that are waited for (4 for the length of the next message)',
    () => seen.awaited.every((bytes) => bytes === 4),
  ],
  [
    'haveAll, haveNone or bitfield',
    'super-seeding.ts',
    'is called once after `wire`, to say what we have',
    () => ['haveAll', 'haveNone', 'bitfield'].flatMap((name) => seen.calls.get(name) ?? []).length === 1,
  ],
])('%s, on which src/seeder/%s relies, %s', (member, file, what, holds) => {
  expect(holds(), `${member} of webtorrent's connections changed; src/seeder/${file} relies on this: it ${what}`).toBe(
    true,
  )
})
