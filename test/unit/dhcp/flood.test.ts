/** Made-up machines in any number: what they cost, and that a real one gets its address all the same. */
import { beforeEach, describe, expect, test } from 'vitest'
import { MessageType } from '../../../src/dhcp/options.ts'
import {
  addressNumber,
  asks,
  BROADCAST,
  chooses,
  LAN,
  lease,
  MAC,
  macNumber,
  names,
  replyOf,
  request,
  type TestServer,
  testServer,
  UNICAST,
} from './build.ts'

const FLOOD = 2_000
const RETURNING = { ...BROADCAST, returning: true }

let server: TestServer
const book = () => server.books[0] as NonNullable<(typeof server.books)[0]>

beforeEach(() => {
  server = testServer()
})

function flood(send: (mac: string, index: number) => void): void {
  for (let index = 0; index < FLOOD; index++) {
    server.now += 1
    send(macNumber(index), index)
  }
}

/** A machine that calls for the second time gets an address, though the flood goes on between its packets. */
function expectServed(): void {
  const { yiaddr } = replyOf(server.answer(request('discover', { mac: MAC }), RETURNING)).packet
  for (let index = 0; index < 100; index++) {
    server.now += 10
    server.answer(request('discover', { mac: macNumber(10_000 + index) }))
  }
  const options = [asks(yiaddr), chooses(LAN.address)]
  expect(replyOf(server.answer(request('request', { mac: MAC, options }))).type).toBe(MessageType.ack)
}

test('DISCOVER takes no address for long', () => {
  flood((mac) => server.answer(request('discover', { mac })))
  expect(book().leaseCount).toBe(0)
  expect(book().openOffers).toBeLessThanOrEqual(4)
  expectServed()
})

test('REQUEST of an address that was never offered is refused and makes no lease', () => {
  flood((mac, index) => {
    const options = [asks(`172.30.0.${100 + (index % 4)}`), chooses(LAN.address)]
    expect(names(server.answer(request('request', { mac, options })))).toEqual(['request', 'nak'])
  })
  expect(book().leaseCount).toBe(0)
  expectServed()
})

test('renewals of leases that nobody knows are believed once a second, no more', () => {
  server = testServer({ pools: [{ first: '172.30.0.2', last: '172.30.0.254', leaseSeconds: 3600 }] })
  flood((mac, index) => {
    server.answer(request('request', { mac, ciaddr: `172.30.0.${2 + (index % 250)}` }), UNICAST)
  })
  // Two seconds after the first 60.
  expect(book().leaseCount).toBeLessThanOrEqual(62)
})

test('a machine that renews a lease after our records are lost keeps it', () => {
  const packet = request('request', { ciaddr: '172.30.0.101' })
  expect(replyOf(server.answer(packet, UNICAST)).packet.yiaddr).toBe('172.30.0.101')
})

test('INIT-REBOOT makes no lease, also when we are authoritative', () => {
  server = testServer({
    authoritative: true,
    pools: [{ first: '172.30.0.2', last: '172.30.0.254', leaseSeconds: 3600 }],
  })
  flood((mac, index) => server.answer(request('request', { mac, options: [asks(`172.30.0.${2 + (index % 250)}`)] })))
  expect(book().leaseCount).toBeLessThanOrEqual(62)
})

test('DECLINE of offered addresses does not use up the pool', () => {
  flood((mac) => {
    const [offer] = server.answer(request('discover', { mac })).flatMap(({ reply }) => reply ?? [])
    if (offer === undefined) return
    server.answer(request('decline', { mac, options: [asks(offer.packet.yiaddr), chooses(LAN.address)] }))
  })
  expect(book().offer(MAC, {})).toBeUndefined()
  server.now += 10_000
  expectServed()
})

test.each([
  ['INFORM', (mac: string) => request('inform', { mac, ciaddr: '172.30.0.200' })],
  ['RELEASE', (mac: string) => request('release', { mac, ciaddr: '172.30.0.100' })],
  ['BOOTP', (mac: string) => request(undefined, { mac })],
])('%s keeps nothing', (_, packet) => {
  lease(server, MAC)
  flood((mac) => server.answer(packet(mac)))
  expect([book().leaseCount, book().openOffers]).toEqual([1, 0])
  expect(book().leaseOf(MAC)).toBeDefined()
})

describe('a full pool', () => {
  test('lets a machine that called before have what was offered to one that never did, at once', () => {
    for (let index = 0; index < 4; index++) server.answer(request('discover', { mac: macNumber(index) }))
    expect(book().offer(MAC, {})).toBeUndefined()
    expect(book().offer(MAC, { returning: true })).toBeDefined()
  })

  test('keeps what was offered to a machine that called before for two seconds', () => {
    const held = [0, 1, 2, 3].map((index) => book().offer(macNumber(index), { returning: true }))
    expect(book().offer(MAC, { returning: true })).toBeUndefined()
    server.now += 2_000
    expect(book().offer(MAC, { returning: true })).toBe(held[0])
  })

  test('is told once, and once more after it recovered and filled again', () => {
    const told: string[] = []
    const ask = (index: number) => {
      const outcomes = server.answer(request('discover', { mac: macNumber(index) }))
      told.push(
        ...names(outcomes)
          .filter((name) => name === 'pool-exhausted')
          .map(String),
      )
    }
    for (let index = 0; index < 4; index++) lease(server, macNumber(index))
    // Machines that have a lease are answered all the time.
    for (let index = 0; index < 8; index++) ask(index)
    expect(told.length).toBe(1)
    server.now += 3_600_000
    for (let index = 4; index < 8; index++) lease(server, macNumber(index))
    for (let index = 8; index < 12; index++) ask(index)
    expect(told.length).toBe(2)
    expect(book().isLeased(addressNumber('172.30.0.100'))).toBe(true)
  })
})
