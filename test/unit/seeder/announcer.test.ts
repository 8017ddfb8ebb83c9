import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Announcer, secondsUntilNext } from '../../../src/seeder/announcer.ts'
import { announceUrls, createTracker } from '../../../src/tracker/index.ts'

const infoHash = 'a5'.repeat(20)
const peerId = '2d'.repeat(20)
/** Not the one that this computer would choose by itself. */
const address = '127.0.0.9'
const port = 6881

let announcer: Announcer
let problems: string[]
let recoveries: string[]
let onProblem: () => void
let server: Server | undefined

beforeEach(() => {
  problems = []
  recoveries = []
  onProblem = () => {}
  announcer = new Announcer({
    peerId,
    address,
    port,
    onProblem: (message) => {
      problems.push(message)
      onProblem()
    },
    onRecovery: (message) => recoveries.push(message),
  })
})

afterEach(async () => {
  vi.useRealTimers()
  await announcer.close()
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

function nextProblem(): Promise<void> {
  return new Promise((resolve) => {
    onProblem = resolve
  })
}

async function httpTracker(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`
}

describe('a tracker', () => {
  test.each([0, 1])(
    'is told what is seeded and where, and hears of the end, by each protocol (%i)',
    async (protocol) => {
      await using tracker = createTracker({ address: '127.0.0.1', infoHashes: [infoHash] })
      await tracker.start()
      const url = announceUrls('127.0.0.1', tracker.port)[protocol] as string
      const joined = once(tracker, 'join')
      const complete = once(tracker, 'swarms')
      announcer.announce([{ infoHash, tracker: url }])
      expect(await joined).toEqual([{ infoHash, peer: `${address}:${port}` }])
      expect((await complete)[0]).toEqual([{ infoHash, complete: 1, incomplete: 0 }])
      const left = once(tracker, 'leave')
      announcer.announce([])
      expect(await left).toEqual([{ infoHash, peer: `${address}:${port}` }])
      expect(problems).toEqual([])
    },
  )

  test('that stays is not told twice', async () => {
    const asked: string[] = []
    const url = await httpTracker((request, response) => {
      asked.push(request.url ?? '')
      response.end('d8:intervali1800e5:peers0:e')
    })
    const swarm = { infoHash, tracker: `${url}?key=1` }
    announcer.announce([swarm])
    announcer.announce([swarm])
    await announcer.close()
    const escaped = infoHash.replaceAll(/../g, '%$&')
    expect(
      asked.map((path) => new RegExp(`key=1&.*&left=0&.*info_hash=${escaped}&.*event=(\\w+)$`).exec(path)?.[1]),
    ).toEqual(expect.arrayContaining(['started', 'stopped']))
    expect(asked).toHaveLength(2)
  })
})

describe('what a tracker does instead of answering is told in words and harms nobody', () => {
  test.each<[string, RequestListener, string]>([
    [
      'it refuses',
      (_, response) => response.end('d14:failure reason11:not tracked'.concat('e')),
      'it says: not tracked',
    ],
    ['it is something else', (_, response) => response.end('<html>'), ''],
    ['it answers with a number', (_, response) => response.end('i5e'), 'its answer is none of a tracker'],
    ['it answers nothing', (_, response) => response.end(), ''],
    ['it has an error', (_, response) => response.writeHead(500).end('oh'), 'HTTP status 500'],
    ['it never stops', (_, response) => void response.end(Buffer.alloc(100_000)), 'its answer is too long'],
    ['it cuts the connection', (request) => void request.socket.destroy(), ''],
    [
      'it cuts the connection in the middle of its answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('d8:', () => response.socket?.destroy())
      },
      '',
    ],
  ])('%s', async (_what, answer, reason) => {
    const tracker = await httpTracker(answer)
    const told = nextProblem()
    announcer.announce([{ infoHash, tracker }])
    await told
    expect(problems[0]).toContain(`${tracker} cannot be told what is seeded: ${reason}`)
  })

  test('it is not there, by UDP', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const tracker = `udp://127.0.0.1:${socket.address().port}/announce`
    await new Promise<void>((resolve) => socket.close(resolve))
    const told = nextProblem()
    announcer.announce([{ infoHash, tracker }])
    await told
    expect(problems[0]).toContain('ECONNREFUSED')
  })

  test('it sends nonsense before it refuses, by UDP', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    socket.on('message', (request, { port: from }) => {
      const transaction = request.subarray(12, 16)
      const answers = [
        Buffer.alloc(0),
        Buffer.from('short'),
        // Another transaction, and a connection that is cut short.
        Buffer.concat([Buffer.alloc(4), Buffer.alloc(12, 0xee)]),
        Buffer.concat([Buffer.alloc(4), transaction]),
        Buffer.concat([Buffer.from([0, 0, 0, 3]), transaction, Buffer.from('go away')]),
      ]
      for (const answer of answers) socket.send(answer, from, address)
    })
    const told = nextProblem()
    announcer.announce([{ infoHash, tracker: `udp://127.0.0.1:${socket.address().port}` }])
    await told
    expect(problems[0]).toContain('it says: go away')
    await announcer.close()
    socket.close()
  })
})

test('trouble with a tracker is told once, however many systems it is to know, and its end once', async () => {
  // The time between two attempts.
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  let status = 500
  const tracker = await httpTracker((_, response) => {
    response.writeHead(status).end('d8:intervali1800e5:peers0:e')
  })
  const swarms = ['a5', 'a6', 'a7'].map((byte) => ({ infoHash: byte.repeat(20), tracker }))
  const allWaitForTheNext = () => vi.waitUntil(() => vi.getTimerCount() === swarms.length)
  const problem = `${tracker} cannot be told what is seeded: HTTP status 500`

  announcer.announce(swarms)
  await allWaitForTheNext()
  await vi.advanceTimersByTimeAsync(60_000)
  await allWaitForTheNext()
  expect([problems, recoveries]).toEqual([[problem], []])

  status = 200
  await vi.advanceTimersByTimeAsync(60_000)
  await allWaitForTheNext()
  expect([problems, recoveries]).toEqual([[problem], [`${tracker} answers again`]])

  status = 500
  await vi.advanceTimersByTimeAsync(1_800_000)
  await allWaitForTheNext()
  expect(problems).toEqual([problem, problem])
})

test('a tracker that refuses one system is not said to answer again for another', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const tracker = await httpTracker(({ url }, response) => {
    response.end(url?.includes('%a5') ? 'd14:failure reason4:no! e' : 'd8:intervali60e5:peers0:e')
  })
  const swarms = ['a5', 'a6'].map((byte) => ({ infoHash: byte.repeat(20), tracker }))
  const allWaitForTheNext = () => vi.waitUntil(() => vi.getTimerCount() === swarms.length)
  announcer.announce(swarms)
  await allWaitForTheNext()
  await vi.advanceTimersByTimeAsync(60_000)
  await allWaitForTheNext()
  expect([problems.length, recoveries]).toEqual([1, []])
})

test.each([
  [1800, 1800],
  [15, 15],
  [0, 15],
  [-1, 15],
  [1e300, 3600],
])('a tracker that wants to hear of us in %d s does after %d s', (wanted, seconds) => {
  expect(secondsUntilNext(wanted)).toBe(seconds)
})
