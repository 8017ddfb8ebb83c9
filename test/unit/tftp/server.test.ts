import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BootFile, createBootFiles } from '../../../src/boot-files.ts'
import type { LogEntry } from '../../../src/log.ts'
import {
  createTftpServer,
  encodePacket,
  type Packet,
  type TftpLimits,
  type TftpServer,
} from '../../../src/tftp/index.ts'
import { Peer } from './peer.ts'
import { randomBytes, seeded } from './random.ts'

const big = randomBytes(seeded(3), 300_000)
const inMemory = (name: string, bytes: Uint8Array): BootFile => ({ name, size: bytes.length, bytes })
const table = [
  inMemory('boot/big', big),
  inMemory('exact', big.subarray(0, 1024)),
  inMemory('empty', Buffer.alloc(0)),
  inMemory('three', big.subarray(0, 1300)),
]

let server: TftpServer
let peer: Peer
let logged: LogEntry[]

async function serve(limits: Partial<TftpLimits> = {}, files: BootFile[] = table): Promise<void> {
  // Threads are slow to start; what they add has a test file of its own.
  logged = []
  server = createTftpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles(files),
    log: (entry) => logged.push(entry),
    limits: { threads: 0, ...limits },
  })
  await server.start()
  peer = await Peer.open(server.port)
}

beforeEach(() => serve())
afterEach(async () => {
  await peer.close()
  await server.close()
})

describe('a whole file arrives', () => {
  test.each([
    ['without options', 'boot/big', {}],
    ['with blksize', 'boot/big', { blksize: 1468 }],
    ['with blksize 8', 'three', { blksize: 8 }],
    ['with a window', 'boot/big', { blksize: 1468, windowsize: 16 }],
    ['with a window larger than the file', 'three', { windowsize: 64 }],
    ['asked with a leading slash', '/boot/big', { blksize: 1024, tsize: 0 }],
    ['a multiple of the block size', 'exact', {}],
    ['empty', 'empty', {}],
    ['empty, with options', 'empty', { tsize: 0, blksize: 1468 }],
  ])('%s', async (_how, name, options) => {
    const done = once(server, 'done')
    const bytes = await peer.fetch(name, options)
    const file = table.find((one) => one.name === name.replace(/^\//, '')) as { bytes: Uint8Array }
    expect(bytes.equals(file.bytes)).toBe(true)
    const [outcome] = await done
    expect(outcome).toMatchObject({
      remote: { address: '127.0.0.1', port: peer.port },
      file: name.replace(/^\//, ''),
      bytes: bytes.length,
      retransmits: 0,
    })
    expect(server.transfers).toBe(0)
  })
})

test('many transfers from one port, one after the other, as PXELINUX does it', async () => {
  for (let round = 0; round < 20; round += 1) {
    expect((await peer.fetch('three')).length).toBe(1300)
  }
})

test('a file on disk is read through the shared cache', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tftp-server-'))
  try {
    writeFileSync(path.join(folder, 'file'), big)
    await server.close()
    await serve({}, [{ name: 'file', size: big.length, path: path.join(folder, 'file') }])
    const peers = await Promise.all([1, 2, 3].map(() => Peer.open(server.port)))
    const fetched = await Promise.all(peers.map((one) => one.fetch('file', { blksize: 1468, windowsize: 4 })))
    for (const bytes of fetched) expect(bytes.equals(big)).toBe(true)
    await Promise.all(peers.map((one) => one.close()))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('block numbers wrap in a file of more than 65535 blocks', async () => {
  const bytes = randomBytes(seeded(4), 8 * 65536 + 100)
  await server.close()
  await serve({}, [inMemory('long', bytes)])
  expect((await peer.fetch('long', { blksize: 8, windowsize: 64 })).equals(bytes)).toBe(true)
})

test.each([
  ['without a window', { blksize: 1468 }],
  ['with a window', { blksize: 512, windowsize: 8 }],
])('with every twentieth datagram lost in either direction it still ends byte-exact, %s', async (_how, options) => {
  await server.close()
  await serve({ firstTimeout: 20, longestTimeout: 40, repetitions: 30 })
  const random = seeded(5)
  const bytes = await peer.fetch('boot/big', options, () => random() < 0.05)
  expect(bytes.equals(big)).toBe(true)
})

describe('refusals', () => {
  test.each([
    ['nothing of that name', 'nothing'],
    ['an empty name', ''],
    ['a way out', '../../etc/passwd'],
    ['a way out with backslashes', '..\\..\\etc\\passwd'],
    ['two slashes', '//boot/big'],
    ['a detour', 'boot/./big'],
    ['an absolute path', '/etc/passwd'],
    ['a drive letter', 'C:\\boot\\big'],
    ['a device', '/dev/zero'],
    ['a device of another system', 'NUL'],
    ['control characters', 'boot\n\u001b[2Jbig'],
    ['not ASCII', 'bööt'],
    ['a very long name', 'x'.repeat(3000)],
    ['a name of the object itself', '__proto__'],
  ])('%s is not found', async (_what, name) => {
    const refused = once(server, 'refused')
    peer.request(name)
    expect((await peer.next()).packet).toEqual({ kind: 'ERROR', code: 1, message: 'File not found' })
    const [{ file, reason }] = await refused
    expect(reason).toBe('not-found')
    expect(file).not.toMatch(/\p{C}/u)
    expect(file.length).toBeLessThanOrEqual(128)
  })

  test('a write request', async () => {
    peer.send({ kind: 'WRQ', file: 'boot/big', mode: 'octet', options: [] })
    expect((await peer.next()).packet).toMatchObject({ kind: 'ERROR', code: 2 })
  })

  test.each(['netascii', 'mail', ''])('mode %j', async (mode) => {
    peer.request('three', {}, mode)
    expect((await peer.next()).packet).toEqual({ kind: 'ERROR', code: 0, message: 'Only octet mode is served' })
  })

  test('a file that is gone from the disk', async () => {
    await server.close()
    await serve({}, [{ name: 'gone', size: 5, path: '/nowhere/gone' }])
    peer.request('gone')
    expect((await peer.next()).packet).toMatchObject({ kind: 'ERROR', code: 0 })
    expect(logged.find(({ event }) => event === 'tftp.unreadable')?.message).toContain('gone cannot be opened')
    expect(server.transfers).toBe(0)
  })

  test('a table that throws: the client is told, and others are served', async () => {
    const tableOfACaller = {
      get(name: string) {
        if (name === 'broken') throw new Error('the list of machines cannot be asked')
        return createBootFiles(table).get(name)
      },
      names: () => [],
    }
    await using other = createTftpServer({
      address: '127.0.0.1',
      port: 0,
      files: tableOfACaller,
      log: (entry) => logged.push(entry),
      limits: { threads: 0 },
    })
    await other.start()
    const client = await Peer.open(other.port)
    try {
      await expect(client.fetch('broken', {})).rejects.toThrow('The file cannot be read')
      expect(logged.find(({ event }) => event === 'tftp.unreadable')?.message).toContain('cannot be asked')
      expect((await client.fetch('exact', {})).length).toBe(1024)
    } finally {
      await client.close()
    }
  })

  test('datagrams that are no requests get no answer, and cost one line of log', async () => {
    for (const bytes of ['', '00', '0004', '000400', '00030001', '00050000', '00060000', '0009ffff', '0001ffff']) {
      peer.send(Buffer.from(bytes, 'hex'))
    }
    expect((await peer.fetch('three')).length).toBe(1300)
    expect(server.counters.malformed).toBe(9)
    expect(logged.filter(({ event }) => event === 'tftp.malformed')).toHaveLength(1)
  })
})

test('options: names in any case, bad values ignored, blocks no larger than the limit', async () => {
  await server.close()
  await serve({ blockSize: 1200 })
  peer.request('three', { BLKSIZE: 65464, WindowSize: 0, tsize: 0 })
  expect((await peer.next()).packet).toEqual({
    kind: 'OACK',
    options: [
      { name: 'BLKSIZE', value: '1200' },
      { name: 'tsize', value: '1300' },
    ],
  })
})

test('a request of which every option is bad is served without options', async () => {
  peer.request('three', { blksize: 7, windowsize: 0 })
  expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 1 })
})

describe('the size probe of edk2', () => {
  test.each([8, 0])('ends with ERROR %d and is no failure', async (code) => {
    const probed = once(server, 'probed')
    peer.request('boot/big', { tsize: 0, blksize: 1468, windowsize: 4 })
    const { packet, port } = await peer.next()
    expect(packet.kind).toBe('OACK')
    peer.send({ kind: 'ERROR', code, message: 'User aborted the transfer' }, port)
    const [{ file, size }] = await probed
    expect({ file, size }).toEqual({ file: 'boot/big', size: 300_000 })
    expect(logged.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
    expect((await peer.fetch('boot/big', { blksize: 1468, windowsize: 4 })).equals(big)).toBe(true)
  })
})

describe('a transfer belongs to one client', () => {
  test('a foreign port is told ERROR 5, and the transfer goes on untouched', async () => {
    await using stranger = await Peer.open(server.port)
    peer.request('three')
    const first = await peer.next()
    for (const packet of [
      { kind: 'ACK', block: 1 },
      { kind: 'DATA', block: 1, data: Buffer.from('x') },
    ] as const) {
      stranger.send(packet, first.port)
      expect((await stranger.next()).packet).toMatchObject({ kind: 'ERROR', code: 5 })
    }
    expect(server.counters.strangers).toBe(2)
    peer.ack(1, first.port)
    expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 2 })
    expect(peer.waiting).toBe(0)
  })

  test('a foreign ERROR does not end it, and is not answered', async () => {
    await using stranger = await Peer.open(server.port)
    peer.request('three')
    const { port } = await peer.next()
    stranger.send({ kind: 'ERROR', code: 0, message: 'die' }, port)
    stranger.send({ kind: 'ACK', block: 1 }, port)
    expect((await stranger.next()).packet).toMatchObject({ kind: 'ERROR', code: 5 })
    expect(stranger.waiting).toBe(0)
    peer.ack(1, port)
    expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 2 })
  })

  test('each transfer has a port of its own', async () => {
    await using other = await Peer.open(server.port)
    peer.request('three')
    other.request('three')
    const ports = new Set([server.port, (await peer.next()).port, (await other.next()).port])
    expect(ports.size).toBe(3)
  })
})

test('duplicates and nonsense within a transfer never cause a second DATA', async () => {
  peer.request('three')
  const { port } = await peer.next()
  peer.ack(1, port)
  peer.ack(1, port)
  peer.ack(0, port)
  peer.ack(7, port)
  for (const bytes of ['', '00', '0004', '000400', '00010000', '00030001', '00060000', 'ffffffff']) {
    peer.send(Buffer.from(bytes, 'hex'), port)
  }
  expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 2 })
  peer.ack(2, port)
  expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 3 })
  const done = once(server, 'done')
  peer.ack(3, port)
  await done
  expect(peer.waiting).toBe(0)
})

describe('requests that come twice', () => {
  test('the same bytes again start no second transfer', async () => {
    const starts: unknown[] = []
    server.on('start', (facts) => starts.push(facts))
    peer.request('three')
    peer.request('three')
    peer.request('three')
    const { port } = await peer.next()
    peer.ack(1, port)
    expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 2 })
    expect(starts).toHaveLength(1)
  })

  test('late, after the client has answered, they leave the transfer alone: the client still talks to its port', async () => {
    const starts: unknown[] = []
    server.on('start', (facts) => starts.push(facts))
    peer.request('three')
    const { port } = await peer.next()
    peer.ack(1, port)
    expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 2 })
    peer.request('three')
    await serverHasRead()
    const done = once(server, 'done')
    for (const block of [2, 3]) {
      peer.ack(block, port)
      if (block < 3) expect(await peer.next()).toMatchObject({ packet: { kind: 'DATA', block: block + 1 }, port })
    }
    expect((await done)[0]).toMatchObject({ file: 'three', bytes: 1300, retransmits: 0 })
    expect(starts).toHaveLength(1)
    expect(peer.waiting).toBe(0)
  })

  test('from a client that has said nothing for a second, they begin anew: it has started over', async () => {
    let now = 0
    await using patient = createTftpServer({
      address: '127.0.0.1',
      port: 0,
      files: createBootFiles(table),
      clock: () => now,
      limits: { threads: 0, firstTimeout: 60_000 },
    })
    await patient.start()
    await using client = await Peer.open(patient.port)
    client.request('three')
    const former = await client.next()
    client.ack(1, former.port)
    await client.next()
    const aborted = once(patient, 'aborted')
    now = 1000
    client.request('three')
    const { packet, port } = await client.next()
    expect(packet).toMatchObject({ kind: 'DATA', block: 1 })
    expect(port).not.toBe(former.port)
    expect((await aborted)[0]).toMatchObject({ file: 'three', bytes: 512, reason: 'asked-anew' })
    client.ack(1, port)
    expect(await client.next()).toMatchObject({ packet: { kind: 'DATA', block: 2 }, port })
    expect(client.waiting).toBe(0)
  })

  /** What was sent to the server's port before has been read: datagrams are read in order. */
  async function serverHasRead(): Promise<void> {
    await using other = await Peer.open(server.port)
    other.request('nothing')
    await other.next()
  }

  test('another request from the same port replaces the transfer, without an ERROR that would confuse', async () => {
    const aborted = once(server, 'aborted')
    peer.request('boot/big')
    await peer.next()
    peer.request('three')
    const { packet, port } = await peer.next()
    expect(packet).toMatchObject({ kind: 'DATA', block: 1 })
    expect((await aborted)[0]).toMatchObject({ file: 'boot/big', reason: 'asked-anew' })
    peer.ack(1, port)
    expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 2 })
  })
})

describe('a client that fails', () => {
  test('silence: the block is repeated, a stall is told once, then the transfer is given up', async () => {
    await server.close()
    await serve({ firstTimeout: 5, longestTimeout: 10, repetitions: 5 })
    let stalls = 0
    server.on('stalled', () => {
      stalls += 1
    })
    const aborted = once(server, 'aborted')
    peer.request('three')
    const [outcome] = await aborted
    expect(outcome).toMatchObject({ file: 'three', bytes: 0, reason: 'silence', retransmits: 5 })
    expect(stalls).toBe(1)
    for (let copy = 0; copy < 6; copy += 1) {
      expect((await peer.next()).packet).toMatchObject({ kind: 'DATA', block: 1 })
    }
    expect((await peer.next()).packet).toMatchObject({ kind: 'ERROR', code: 0 })
    expect(server.transfers).toBe(0)
  })

  test.each([
    [1, 5],
    [20, 3],
    [255, 1],
  ])('one that chose to be waited for %i s is asked %i times more', async (timeout, repetitions) => {
    let now = 0
    await using patient = createTftpServer({
      address: '127.0.0.1',
      port: 0,
      files: createBootFiles(table),
      clock: () => now,
      limits: { threads: 0 },
    })
    await patient.start()
    await using silent = await Peer.open(patient.port)
    const aborted = once(patient, 'aborted')
    silent.request('three', { timeout })
    for (let copy = 0; copy <= repetitions; copy += 1) {
      expect((await silent.next()).packet).toMatchObject({ kind: 'OACK' })
      now += timeout * 1000
    }
    expect((await aborted)[0]).toMatchObject({ reason: 'silence', retransmits: repetitions })
  })

  test('an ERROR ends the transfer, its text is cleaned', async () => {
    const aborted = once(server, 'aborted')
    peer.request('three')
    const { port } = await peer.next()
    peer.send({ kind: 'ERROR', code: 3, message: 'disk\u001b[31m full' }, port)
    expect((await aborted)[0]).toMatchObject({ reason: 'client-error', detail: 'ERROR 3: disk?[31m full' })
  })

  test('ERROR 8 after data has flowed is an abort, not a probe', async () => {
    const aborted = once(server, 'aborted')
    peer.request('three', { tsize: 0 })
    const { port } = await peer.next()
    peer.ack(0, port)
    await peer.next()
    peer.send({ kind: 'ERROR', code: 8, message: '' }, port)
    expect((await aborted)[0]).toMatchObject({ reason: 'client-error' })
  })

  test('a port that is closed ends the transfer at the next packet', async () => {
    const aborted = once(server, 'aborted')
    const leaver = await Peer.open(server.port)
    leaver.request('three')
    const { port } = await leaver.next()
    leaver.ack(1, port)
    await leaver.close()
    expect((await aborted)[0]).toMatchObject({ reason: 'client-gone' })
  })
})

test('a file that shrinks during its transfer ends it with an ERROR, and no wrong byte is sent', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tftp-server-'))
  try {
    const file = path.join(folder, 'file')
    const bytes = randomBytes(seeded(6), 2_000_000)
    writeFileSync(file, bytes)
    await server.close()
    await serve({ cache: 0 }, [{ name: 'file', size: bytes.length, path: file }])
    const aborted = once(server, 'aborted')
    peer.request('file')
    let got = 0
    let { packet, port } = await peer.next()
    truncateSync(file, 1000)
    while (packet.kind === 'DATA') {
      expect(bytes.subarray(got, got + 512).equals(packet.data)).toBe(true)
      got += packet.data.length
      peer.ack(packet.block, port)
      ;({ packet, port } = await peer.next())
    }
    expect(packet).toMatchObject({ kind: 'ERROR', message: 'The file has changed on the server' })
    expect((await aborted)[0]).toMatchObject({ reason: 'file-changed' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe('bounds', () => {
  test('a client that opens too many transfers loses those it never answered, and others are served', async () => {
    await server.close()
    await serve({ transfersPerClient: 4, transfers: 100 })
    const flood = await Promise.all(Array.from({ length: 20 }, () => Peer.open(server.port)))
    for (const one of flood) {
      one.request('boot/big', { tsize: 0 })
      await one.next()
      expect(server.transfers).toBeLessThanOrEqual(4)
    }
    expect((await peer.fetch('three')).length).toBe(1300)
    await Promise.all(flood.map((one) => one.close()))
  })

  test('requests from hundreds of addresses that never answer do not keep a good client from its file', async () => {
    await server.close()
    await serve({ transfers: 32 })
    const sources = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const socket = createSocket('udp4')
        socket.on('error', () => {})
        socket.bind(0, `127.0.1.${index + 1}`)
        await once(socket, 'listening')
        return socket
      }),
    )
    let most = 0
    let flooding = true
    const flood = (async () => {
      for (let turn = 0; flooding; turn += 1) {
        sources[turn % sources.length]?.send(`\0\x01three\0octet\0tsize\0${turn}\0`, server.port, '127.0.0.1')
        if (turn % 4 === 0) await new Promise(setImmediate)
        most = Math.max(most, server.transfers)
      }
    })()
    expect((await peer.fetch('boot/big', { blksize: 1468, windowsize: 4 })).equals(big)).toBe(true)
    flooding = false
    await flood
    expect(most).toBeGreaterThanOrEqual(32)
    expect(most).toBeLessThanOrEqual(64)
    for (const socket of sources) socket.close()
  })

  test('a client that answers in as many transfers as it may have is told, in few bytes', async () => {
    await server.close()
    await serve({ transfersPerClient: 2 })
    const own = await Promise.all([Peer.open(server.port), Peer.open(server.port)])
    const ports: number[] = []
    for (const one of own) {
      one.request('boot/big')
      const { port } = await one.next()
      ports.push(port)
      one.ack(1, port)
      await one.next()
    }
    const request = encodePacket({ kind: 'RRQ', file: 'boot/big', mode: 'octet', options: [] })
    for (let times = 0; times < 3; times += 1) {
      const refused = once(server, 'refused')
      peer.send(request)
      const { packet } = await peer.next()
      expect(packet).toEqual({ kind: 'ERROR', code: 0, message: 'Too many transfers' })
      expect(encodePacket(packet as Packet).length).toBeLessThanOrEqual(request.length + 8)
      expect((await refused)[0]).toMatchObject({ file: 'boot/big', reason: 'over-limit' })
    }
    expect(peer.waiting).toBe(0)
    // Firmware that starts over from the port of a running transfer takes its own place.
    const [first] = own
    first?.request('three')
    expect((await first?.next())?.packet).toMatchObject({ kind: 'DATA', block: 1 })
    expect(first?.waiting).toBe(0)
    // The others go on.
    own[1]?.ack(2, ports[1] as number)
    expect((await own[1]?.next())?.packet).toMatchObject({ kind: 'DATA', block: 3 })
    for (const one of own) await one.close()
  })

  test('a client that takes all places with slow answers makes room for another, and is told', async () => {
    await server.close()
    await serve({ transfers: 3, transfersPerClient: 3 })
    const greedy = await Promise.all([Peer.open(server.port), Peer.open(server.port), Peer.open(server.port)])
    for (const one of greedy) {
      one.request('boot/big')
      const { port } = await one.next()
      one.ack(1, port)
      await one.next()
    }
    const aborted = once(server, 'aborted')
    const other = await Peer.open(server.port, '127.0.0.2')
    expect((await other.fetch('three')).length).toBe(1300)
    expect((await aborted)[0]).toMatchObject({ reason: 'crowded-out' })
    let last = await greedy[0]?.next()
    while (last?.packet.kind === 'DATA') last = await greedy[0]?.next()
    expect(last?.packet).toMatchObject({ kind: 'ERROR', message: 'Too many transfers' })
    await Promise.all([...greedy, other].map((one) => one.close()))
  })

  test('when all places are taken by clients that answer, a request waits to be repeated', async () => {
    await server.close()
    await serve({ transfers: 2 })
    const busy = await Promise.all([Peer.open(server.port), Peer.open(server.port)])
    for (const one of busy) {
      one.request('boot/big')
      const { port } = await one.next()
      one.ack(1, port)
      await one.next()
    }
    const refused = once(server, 'refused')
    peer.request('three')
    expect((await refused)[0]).toMatchObject({ file: 'three', reason: 'busy' })
    expect(peer.waiting).toBe(0)
    await busy[0]?.close()
    await busy[1]?.close()
  })
})

describe('start and close', () => {
  test('a port that is taken is named, with what to do', async () => {
    const second = createTftpServer({ address: '127.0.0.1', port: server.port, files: createBootFiles([]) })
    await expect(second.start()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringMatching(
        new RegExp(
          `^.+ \\(process ${process.pid}\\) already uses UDP 127\\.0\\.0\\.1:${server.port}, the port of TFTP$`,
        ),
      ),
      hint: expect.stringContaining('ss -lnptu'),
    })
    await second.close()
  })

  test('an address that is not ours is named', async () => {
    const elsewhere = createTftpServer({ address: '192.0.2.1', port: 0, files: createBootFiles([]) })
    await expect(elsewhere.start()).rejects.toMatchObject({ code: 'INTERFACE' })
  })

  test.each([0, 2])('close before the start is done leaves nothing bound, with %i threads', async (threads) => {
    const { port } = server
    await server.close()
    const options = { address: '127.0.0.1', port, files: createBootFiles([]), limits: { threads } }
    const closed = createTftpServer(options)
    const starting = closed.start()
    await closed.close()
    await starting.catch(() => {})
    const next = createTftpServer(options)
    await next.start()
    await next.close()
  })

  test('a second start while it runs changes nothing', async () => {
    const { port } = server
    await Promise.all([server.start(), server.start()])
    expect(server.port).toBe(port)
    expect(logged.filter(({ event }) => event === 'tftp.listening').length).toBe(1)
    expect((await peer.fetch('three')).length).toBe(1300)
  })

  test('close tells running clients, and frees the port for a start right after', async () => {
    peer.request('boot/big')
    await peer.next()
    const { port } = server
    await server.close()
    expect((await peer.next()).packet).toMatchObject({ kind: 'ERROR', message: 'The server is closing' })
    const again = createTftpServer({
      address: '127.0.0.1',
      port,
      files: createBootFiles(table),
      limits: { threads: 0 },
    })
    await again.start()
    expect((await peer.fetch('three')).length).toBe(1300)
    await again.close()
  })

  test('close while a request is being opened leaves nothing behind', async () => {
    const requests = createSocket('udp4')
    const sent = new Promise((resolve) =>
      requests.send(Buffer.from('\0\x01three\0octet\0'), server.port, '127.0.0.1', resolve),
    )
    await sent
    await server.close()
    await server.close()
    expect(server.transfers).toBe(0)
    requests.close()
  })
})

test('a short flood of broken packets leaves the server serving', async () => {
  const random = seeded(7)
  for (let round = 0; round < 3000; round += 1) {
    const bytes = randomBytes(random, Math.floor(random() * 60))
    if (bytes.length > 1 && random() < 0.7) bytes.writeUInt16BE(1 + Math.floor(random() * 6), 0)
    peer.send(bytes)
    // The server shares this process: without a turn of its own its receive buffer would overflow.
    if (round % 20 === 0) await new Promise(setImmediate)
  }
  await using calm = await Peer.open(server.port)
  expect((await calm.fetch('three', { blksize: 1468 })).length).toBe(1300)
  expect(server.transfers).toBeLessThanOrEqual(16)
})
