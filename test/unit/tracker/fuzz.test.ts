/** Hostile announces and scrapes over real sockets: whatever comes, the tracker goes on, and remembers only what it may. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTracker, type Tracker } from '../../../src/tracker/index.ts'
import { seededRandom } from '../dhcp/mutate.ts'
import { fuzzSettings } from '../fuzz-settings.ts'

const { cases, seeds } = fuzzSettings({ cases: 600, seeds: [15, 2018] })
const OURS = 'aa'.repeat(20)
/** BEP 15 */
const PROTOCOL_ID = Buffer.from('0000041727101980', 'hex')
const ANNOUNCE_BYTES = 98
/** Datagrams on their way at once: more would only be dropped. */
const BURST = 32

let tracker: Tracker
let crashes: Error[]

beforeEach(async () => {
  crashes = []
  tracker = createTracker({ address: '127.0.0.1', infoHashes: [OURS] })
  tracker.on('crash', ({ error }) => crashes.push(error))
  await tracker.start()
})

afterEach(() => tracker.close())

type Pick = <T>(values: readonly T[]) => T

/** An announce that is right, then damaged in one or several places, or cut, or made longer. */
function hostileDatagram(random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit)
  const message = Buffer.alloc(ANNOUNCE_BYTES)
  PROTOCOL_ID.copy(message)
  message.writeUInt32BE(below(5), 8)
  message.write(OURS, 16, 'hex')
  message.writeUInt32BE(below(6), 80)
  message.writeUInt16BE(1 + below(65_535), 96)
  for (let damage = below(4); damage > 0; damage -= 1) message[8 + below(ANNOUNCE_BYTES - 8)] = below(256)
  if (random() < 0.2) return message.subarray(0, below(ANNOUNCE_BYTES))
  if (random() < 0.1) return Buffer.concat([message, Buffer.alloc(below(3_000), 0xaa)])
  return message
}

const NASTY = [
  '',
  '0',
  '-1',
  '1e9',
  '6881.5',
  'NaN',
  'Infinity',
  '__proto__',
  'toString',
  '%ff',
  '%',
  '[]',
  'null',
  ' ',
]

function hostilePath(random: () => number): string {
  const pick: Pick = (values) => values[Math.floor(random() * values.length)] as (typeof values)[number]
  const hash = random() < 0.8 ? '%aa'.repeat(20) : pick([...NASTY, '%aa'.repeat(19), '%bb'.repeat(20)])
  const right: [string, string][] = [
    ['info_hash', hash],
    ['peer_id', '-XX0000-aaaaaaaaaaaa'],
    ['port', String(1 + Math.floor(random() * 65_535))],
    ['left', pick(['0', '100'])],
    ['event', pick(['started', 'stopped', 'completed', 'paused', ''])],
    ['numwant', '50'],
    ['compact', pick(['0', '1'])],
  ]
  const damaged = right.map(([name, value]) => [name, random() < 0.15 ? pick(NASTY) : value] as const)
  const query = damaged.filter(() => random() < 0.95).flatMap((pair) => (random() < 0.05 ? [pair, pair] : [pair]))
  const where = pick(['/announce', '/announce', '/announce', '/scrape', '/', '//', '/announce/', '/stats'])
  return `${where}?${query.map((pair) => pair.join('=')).join('&')}`
}

/** One request, byte for byte as it is given, up to the end of the connection. */
async function send(request: string): Promise<void> {
  const socket = connect(tracker.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  socket.end(request)
  if (!socket.closed) await once(socket, 'close')
}

async function expectService(): Promise<void> {
  const query = `info_hash=${'%aa'.repeat(20)}&peer_id=-XX0000-bbbbbbbbbbbb&port=7&left=5&compact=1`
  const answer = await fetch(`http://127.0.0.1:${tracker.port}/announce?${query}`)
  expect(await answer.text()).toMatch(/8:intervali15e/)
  expect(crashes).toEqual([])
  for (const { infoHash, complete, incomplete } of tracker.swarms()) {
    expect(infoHash).toBe(OURS)
    // All of it came from one address.
    expect(complete + incomplete).toBeLessThanOrEqual(65)
  }
}

describe.each(seeds)('the tracker survives, seed %i', (seed) => {
  test('damaged datagrams', async () => {
    const random = seededRandom(seed)
    const socket = createSocket('udp4')
    const probe = Buffer.alloc(16)
    PROTOCOL_ID.copy(probe)
    for (let sent = 0; sent < cases; sent += BURST) {
      for (let count = 0; count < BURST; count += 1) socket.send(hostileDatagram(random), tracker.port, '127.0.0.1')
      // The answer to what was sent last says that all before it has been read. (BEP 15: connect.)
      probe.writeUInt32BE(sent + 1, 12)
      const answered = new Promise<void>((resolve) => {
        const take = (reply: Buffer) => {
          if (reply.length < 8 || reply.readUInt32BE(0) !== 0 || reply.readUInt32BE(4) !== sent + 1) return
          socket.off('message', take)
          resolve()
        }
        socket.on('message', take)
      })
      socket.send(probe, tracker.port, '127.0.0.1')
      await answered
    }
    socket.close()
    await expectService()
  })

  test('damaged requests', async () => {
    const random = seededRandom(seed)
    for (let sent = 0; sent < cases; sent += BURST) {
      const requests = Array.from({ length: BURST }, () => {
        const end = random() < 0.9 ? ' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' : '\r\n\r\n'
        return send(`GET ${hostilePath(random)}${end}`)
      })
      await Promise.all(requests)
    }
    await expectService()
  })
})
