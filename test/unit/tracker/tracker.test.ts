import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import bencode from 'bencode'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogEntry } from '../../../src/log.ts'
import { announceUrls, createTracker, type Tracker } from '../../../src/tracker/index.ts'

const OURS = 'aa'.repeat(20)
const STRANGE = 'bb'.repeat(20)
/** BEP 15 */
const PROTOCOL_ID = Buffer.from('0000041727101980', 'hex')
const ACTION = { announce: 1, scrape: 2, error: 3 }

let tracker: Tracker
let entries: LogEntry[]
let crashes: number

beforeEach(async () => {
  entries = []
  crashes = 0
  tracker = createTracker({ address: '127.0.0.1', infoHashes: new Set([OURS]), log: (entry) => entries.push(entry) })
  tracker.on('crash', () => {
    crashes += 1
  })
  await tracker.start()
})

afterEach(async () => {
  await tracker.close()
})

function escaped(infoHash: string): string {
  return infoHash.replace(/../g, (byte) => `%${byte}`)
}

/** Announces by HTTP, as a new peer unless said otherwise. */
async function announce(parameters: { [name: string]: string | number } = {}, infoHash = OURS) {
  const all = { port: 7001, uploaded: 0, downloaded: 0, left: 100, compact: 1, event: 'started', ...parameters }
  const query = Object.entries(all).map(([name, value]) => `${name}=${value}`)
  const query2 = [`info_hash=${escaped(infoHash)}`, 'peer_id=-XX0000-aaaaaaaaaaaa', ...query].join('&')
  const response = await fetch(`http://127.0.0.1:${tracker.port}/announce?${query2}`)
  return bencode.decode(new Uint8Array(await response.arrayBuffer())) as { [key: string]: unknown }
}

function peersOf(response: { [key: string]: unknown }): string[] {
  const bytes = Buffer.from(response.peers as Uint8Array)
  const peers = []
  for (let at = 0; at < bytes.length; at += 6) {
    peers.push(`${[...bytes.subarray(at, at + 4)].join('.')}:${bytes.readUInt16BE(at + 4)}`)
  }
  return peers.sort()
}

function warningOf(response: { [key: string]: unknown }): string | undefined {
  const warning = response['warning message']
  return warning === undefined ? undefined : Buffer.from(warning as Uint8Array).toString()
}

function failureOf(response: { [key: string]: unknown }): string {
  return Buffer.from(response['failure reason'] as Uint8Array).toString()
}

async function askUdp(message: Buffer): Promise<Buffer> {
  const socket: Socket = createSocket('udp4')
  try {
    socket.send(message, tracker.port, '127.0.0.1')
    const [reply] = await once(socket, 'message')
    return reply
  } finally {
    socket.close()
  }
}

function udpAnnounce(port: number, claimedAddress = 0): Buffer {
  const message = Buffer.alloc(98)
  PROTOCOL_ID.copy(message)
  message.writeUInt32BE(ACTION.announce, 8)
  message.writeUInt32BE(4242, 12)
  message.write(OURS, 16, 'hex')
  message.write('-XX0000-bbbbbbbbbbbb', 36)
  message.writeBigUInt64BE(100n, 64)
  message.writeUInt32BE(2, 80)
  message.writeUInt32BE(claimedAddress, 84)
  message.writeInt32BE(-1, 92)
  message.writeUInt16BE(port, 96)
  return message
}

describe('the tracker', () => {
  test('brings peers of one swarm together, by HTTP and UDP', async () => {
    await announce({ port: 7001 })
    const reply = await askUdp(udpAnnounce(7002))
    expect(reply.readUInt32BE(0)).toBe(ACTION.announce)
    expect(reply.readUInt32BE(4)).toBe(4242)
    const response = await announce({ port: 7003 })
    expect(peersOf(response)).toEqual(['127.0.0.1:7001', '127.0.0.1:7002'])
    expect(response).toMatchObject({ complete: 0, incomplete: 3, interval: 15 })
  })

  test('reports who joins, completes and leaves, once each', async () => {
    const happened: string[] = []
    for (const event of ['join', 'complete', 'leave'] as const) {
      tracker.on(event, ({ infoHash, peer }) => {
        expect(infoHash).toBe(OURS)
        happened.push(`${event} ${peer}`)
      })
    }
    const left = once(tracker, 'leave')
    await announce()
    await announce()
    await announce({ event: 'completed', left: 0 })
    await announce({ event: 'completed', left: 0 })
    await announce({ event: 'stopped', left: 0 })
    await left
    expect(happened).toEqual(['join 127.0.0.1:7001', 'complete 127.0.0.1:7001', 'leave 127.0.0.1:7001'])
  })

  test('counts swarms', async () => {
    await announce({ port: 7001, left: 0 })
    await announce({ port: 7002 })
    const [swarms] = await once(tracker, 'swarms')
    expect(swarms).toEqual([{ infoHash: OURS, complete: 1, incomplete: 1 }])
    expect(tracker.swarms()).toEqual(swarms)
  })

  test('answers a scrape, by which clients know when nobody needs them any more', async () => {
    await announce({ left: 0 })
    const response = await fetch(`http://127.0.0.1:${tracker.port}/scrape?info_hash=${escaped(OURS)}`)
    const { files } = bencode.decode(new Uint8Array(await response.arrayBuffer())) as { files: object }
    expect(Object.values(files)).toEqual([{ complete: 1, downloaded: 1, incomplete: 0 }])
  })

  test('takes the address of a peer from where its packet came, whatever it claims', async () => {
    await askUdp(udpAnnounce(7002, 0x08080808))
    expect(peersOf(await announce({ port: 7001 }))).toEqual(['127.0.0.1:7002'])
  })

  test('tracks other torrents from one moment to the next, and tells machines of those that are gone', async () => {
    await announce({ port: 7001 })
    const joined = once(tracker, 'join')
    tracker.track([STRANGE])
    expect(failureOf(await announce({ port: 7002 }))).toContain('start the machine again')
    expect(await announce({ port: 7002 }, STRANGE)).toMatchObject({ incomplete: 1 })
    await joined
    tracker.track([OURS, STRANGE])
    expect(await announce({ port: 7003 })).toMatchObject({ incomplete: 1 })
    expect(await announce({ port: 7003 }, STRANGE)).toMatchObject({ incomplete: 2 })
  })

  test('warns peers of one torrent, also after a crash, until torrents are tracked anew', async () => {
    await tracker.close()
    tracker = createTracker({ address: '127.0.0.1', infoHashes: [OURS, STRANGE] })
    const [[thread]] = await Promise.all([once(process, 'worker'), tracker.start()])
    expect(warningOf(await announce())).toBeUndefined()
    tracker.warn(OURS, 'It is broken.')
    expect(warningOf(await announce())).toBe('It is broken.')
    expect(await announce({ port: 7002 })).toMatchObject({ incomplete: 2 })
    expect(warningOf(await announce({}, STRANGE))).toBeUndefined()
    await Promise.all([once(tracker, 'restart'), thread.terminate()])
    expect(warningOf(await announce())).toBe('It is broken.')
    tracker.track([OURS, STRANGE])
    expect(warningOf(await announce())).toBeUndefined()
  })

  test('refuses other torrents and remembers nothing of them', async () => {
    const joined: string[] = []
    tracker.on('join', ({ infoHash }) => joined.push(infoHash))
    expect(failureOf(await announce({}, STRANGE))).toContain('not tracked')
    await announce()
    const [swarms] = await once(tracker, 'swarms')
    expect(swarms).toEqual([{ infoHash: OURS, complete: 0, incomplete: 1 }])
    expect(joined).toEqual([OURS])
    expect(tracker.swarms().map(({ infoHash }) => infoHash)).toEqual([OURS])
  })

  test('says what it refused once, and counts the rest', async () => {
    for (let count = 0; count < 20; count += 1) await announce({}, STRANGE)
    await announce()
    await once(tracker, 'swarms')
    expect(tracker.refused).toBe(20)
    expect(entries.filter((entry) => entry.event === 'tracker.refused')).toHaveLength(1)
  })

  test('is fit for use again after it was closed', async () => {
    const { port } = tracker
    await tracker.close()
    await tracker.start()
    expect(tracker.port).toBe(port)
    expect(await announce()).toMatchObject({ incomplete: 1 })
  })

  test.each(['TCP', 'UDP'])('that finds its %s port taken says so', async (protocol) => {
    await tracker.close()
    const socket = createSocket('udp4')
    const server = createServer()
    if (protocol === 'UDP') await new Promise<void>((resolve) => socket.bind(tracker.port, '127.0.0.1', resolve))
    else await once(server.listen(tracker.port, '127.0.0.1'), 'listening')
    const second = createTracker({ address: '127.0.0.1', port: tracker.port, infoHashes: [] })
    await expect(second.start()).rejects.toMatchObject({ code: 'PORT_IN_USE', hint: expect.any(String) })
    await second.close()
    socket.close()
    server.close()
  })

  test('with an address that this machine does not have says so', async () => {
    const second = createTracker({ address: '192.0.2.1', port: 6969, infoHashes: [] })
    await expect(second.start()).rejects.toMatchObject({ code: 'INTERFACE' })
  })
})

describe('the tracker survives', () => {
  afterEach(async () => {
    expect(await announce({ port: 7777 })).toMatchObject({ interval: 15 })
    expect(crashes).toBe(0)
  })

  test.each([
    ['a port that is no whole number', { port: '6881.5' }],
    ['no port', { port: '' }],
    ['a port beyond 65535', { port: 65536 }],
    ['an event that there is not', { event: 'toString' }],
    ['an event from the depth of objects', { event: '__proto__' }],
    ['a negative number of peers', { numwant: -5 }],
    ['no number of bytes', { left: 'much' }],
    ['another form of answer', { compact: 2 }],
    ['the long form of answer', { compact: 0 }],
    ['two ports', { port: '1&port=2' }],
  ])('an announce with %s', async (_, parameters) => {
    await announce(parameters)
    await announce({ ...parameters, event: 'started', 'x-second': 1 })
  })

  test.each([
    '/',
    '/announce',
    '/announce?info_hash=short',
    '/scrape',
    '/scrape?info_hash=x',
    '/stats',
    '/%',
    '//',
    '/announce?%ff%',
  ])('a request for %s', async (path) => {
    await (await fetch(`http://127.0.0.1:${tracker.port}${path}`)).arrayBuffer()
  })

  test('datagrams of every length', async () => {
    const socket = createSocket('udp4')
    for (let length = 0; length < 120; length += 1) {
      for (const action of [0, 1, 2, 3, 4_000_000_000]) {
        const message = Buffer.alloc(length, 0xff)
        PROTOCOL_ID.copy(message)
        if (length >= 12) message.writeUInt32BE(action, 8)
        socket.send(message, tracker.port, '127.0.0.1')
      }
    }
    // What comes back now was asked last, so everything before it has been handled.
    const last = once(socket, 'message')
    socket.send(udpAnnounce(7002), tracker.port, '127.0.0.1')
    await last
    socket.close()
  })
})

test('announce URLs begin with the one that clients shall try first', () => {
  expect(announceUrls('192.0.2.1', 6969)).toEqual(['http://192.0.2.1:6969/announce', 'udp://192.0.2.1:6969/announce'])
})
