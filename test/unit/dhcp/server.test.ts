/** The server on the loopback interface, asked through a relay agent at 127.0.0.2: there is no broadcast there. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDhcpServer, type DhcpServer, type DhcpServerOptions } from '../../../src/dhcp/index.ts'
import { MessageType, Option, readUint8 } from '../../../src/dhcp/options.ts'
import { type DhcpPacket, decode, encode } from '../../../src/dhcp/packet.ts'
import type { LogEntry } from '../../../src/log.ts'
import { asks, chooses, MAC, macNumber, request } from './build.ts'

const LOOPBACK = { name: 'lo', address: '127.0.0.1', netmask: '255.0.0.0' }
const RELAY = '127.0.0.2'

let log: LogEntry[]
let server: DhcpServer
let relay: Socket

const options = (more: Partial<DhcpServerOptions> = {}): DhcpServerOptions => ({
  interfaces: [LOOPBACK],
  mode: 'dhcp',
  pool: { first: '127.0.9.1', last: '127.0.9.20', leaseSeconds: 600 },
  bootFile: () => ({ server: '127.0.0.1', file: 'boot.ipxe' }),
  ports: { server: 0, client: 0, proxy: 0 },
  log: (entry) => log.push(entry),
  ...more,
})

const portOf = (role: 'dhcp' | 'proxy') => server.addresses().find((one) => one.role === role)?.port ?? 0

async function begin(more: Partial<DhcpServerOptions> = {}): Promise<void> {
  server = createDhcpServer(options(more))
  await server.start()
  relay = createSocket('udp4')
  relay.bind(portOf('dhcp'), RELAY)
  await once(relay, 'listening')
}

async function end(): Promise<void> {
  relay.close()
  await server.close()
}

function send(packet: DhcpPacket | Uint8Array): void {
  relay.send(packet instanceof Uint8Array ? packet : encode(packet).bytes, portOf('dhcp'), LOOPBACK.address)
}

async function ask(packet: DhcpPacket): Promise<DhcpPacket> {
  const answered = once(relay, 'message')
  send({ ...packet, giaddr: RELAY })
  const [bytes] = await answered
  return decode(bytes).packet as DhcpPacket
}

async function takeLease(mac: string): Promise<string> {
  const { yiaddr } = await ask(request('discover', { mac }))
  const answer = await ask(request('request', { mac, options: [asks(yiaddr), chooses(LOOPBACK.address)] }))
  expect(readUint8(answer.options, Option.messageType)).toBe(MessageType.ack)
  return answer.yiaddr
}

beforeEach(() => {
  log = []
})

describe('a lease', () => {
  afterEach(end)

  test('is given, listed, told and logged', async () => {
    await begin()
    const told = once(server, 'ack')
    const address = await takeLease(MAC)
    expect(await told).toMatchObject([{ mac: MAC, address, interface: 'lo', leaseSeconds: 600 }])
    expect(server.leases()).toMatchObject([{ address, mac: MAC, hostname: undefined }])
    expect(log.map(({ event }) => event)).toEqual([
      'dhcp.listening',
      'dhcp.discover',
      'dhcp.offer',
      'dhcp.request',
      'dhcp.ack',
    ])
    expect(log.at(-1)?.message).toBe(`${MAC} has ${address}`)
  })

  test('that cannot be given is told once, and again after there was one', async () => {
    let now = 0
    await begin({ clock: () => now, pool: { first: '127.0.9.1', last: '127.0.9.1', leaseSeconds: 600 } })
    const told = () => log.filter(({ event }) => event === 'dhcp.pool-exhausted').length
    const inVain = async (mac: string) => {
      const exhausted = once(server, 'discover')
      send({ ...request('discover', { mac }), giaddr: RELAY })
      await exhausted
      // An answer to somebody else comes after whatever the DISCOVER caused.
      await ask(request('inform', { mac, ciaddr: '127.0.9.200' }))
    }
    await takeLease(MAC)
    await inVain(macNumber(1))
    await inVain(macNumber(2))
    expect(told()).toBe(1)
    now += 600_000
    await takeLease(macNumber(1))
    await inVain(macNumber(2))
    expect(told()).toBe(2)
  })

  test('ends when its time is over', async () => {
    let now = 0
    await begin({ clock: () => now })
    await takeLease(MAC)
    now += 600_000
    expect(server.leases()).toEqual([])
  })
})

test('leases outlive the server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dhcp-'))
  const leaseFile = join(folder, 'leases')
  try {
    await begin({ leaseFile })
    const address = await takeLease(MAC)
    await end()
    await begin({ leaseFile })
    expect(server.leases()).toMatchObject([{ address, mac: MAC }])
    expect((await ask(request('request', { options: [asks(address)] }))).yiaddr).toBe(address)
  } finally {
    await end()
    await rm(folder, { recursive: true })
  }
})

test('a lease file that cannot be opened ends the start, with no port left open', async () => {
  const before = createDhcpServer(options({ leaseFile: tmpdir() }))
  await expect(before.start()).rejects.toMatchObject({ code: 'FILE' })
  expect(before.addresses()).toEqual([])
})

describe('strange input', () => {
  beforeEach(() => begin())
  afterEach(end)

  test('is counted, logged once per kind and peer, and the next machine is served', async () => {
    for (let count = 0; count < 5; count++) {
      send(new Uint8Array(3))
      send(new Uint8Array(240).fill(1))
    }
    await takeLease(MAC)
    expect(server.counters).toMatchObject({ received: 12, malformed: 10, sent: 2 })
    expect(log.filter(({ event }) => event === 'dhcp.ignored').length).toBe(2)
  })

  test('from one machine in a flood is cut off, and others are served', async () => {
    const flood = { ...request('discover', { mac: macNumber(99) }), giaddr: '127.0.0.3' }
    for (let round = 0; round < 10; round++) {
      for (let count = 0; count < 20; count++) send(flood)
      await takeLease(macNumber(round))
    }
    expect(server.counters.limited).toBeGreaterThan(150)
    expect(log.filter(({ reason }) => reason === 'it sends more packets than a machine has reason to').length).toBe(1)
  })

  test('that borrows the name of a machine from elsewhere does not silence that machine', async () => {
    const thief = createSocket('udp4')
    thief.bind(0, '127.0.0.4')
    await once(thief, 'listening')
    const { bytes } = encode({ ...request('discover', { mac: MAC }), giaddr: '127.0.0.4' })
    for (let count = 0; count < 100; count++) thief.send(bytes, portOf('dhcp'), LOOPBACK.address)
    await takeLease(MAC)
    thief.close()
    expect(server.counters.limited).toBeGreaterThan(0)
  })
})

test('an answer that no socket can send is counted and told, and the server goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dhcp-'))
  // Clients without an address are answered on port 0 here, which the system refuses at once.
  await begin({ leaseFile: join(folder, 'leases') })
  try {
    const offered = once(server, 'offer')
    send(request('discover'))
    const [{ address }] = await offered
    const given = once(server, 'ack')
    send(request('request', { options: [asks(address), chooses(LOOPBACK.address)] }))
    await given
    expect(server.counters).toMatchObject({ sent: 0, sendFailures: 2 })
    expect(log.filter(({ event }) => event === 'dhcp.send-failed').length).toBe(1)
    await takeLease(macNumber(1))
  } finally {
    await end()
    await rm(folder, { recursive: true })
  }
})

test('a flood from random machines is not logged line by line, and leaves others served', async () => {
  await begin({ clock: () => 0 })
  try {
    for (let round = 0; round < 60; round++) {
      for (let count = 0; count < 20; count++) {
        send({ ...request('discover', { mac: macNumber(1_000 + round * 20 + count) }), giaddr: '127.0.0.3' })
      }
      // The answer to another machine shows that the server has come so far.
      await ask(request('inform', { mac: macNumber(round), ciaddr: '127.0.9.200' }))
    }
    expect(log.filter(({ event }) => event === 'dhcp.discover').length).toBe(1_000)
    expect(log.filter(({ event }) => event === 'dhcp.flood')).toMatchObject([{ kind: 'discover' }])
  } finally {
    await end()
  }
})

test("a caller's function that throws is complained of, and the server goes on", async () => {
  let fails = true
  const reservations = () => {
    if (fails) throw new Error('rules are broken')
    return undefined
  }
  await begin({ reservations })
  try {
    const seen = new Promise((resolve) => {
      server.once('ack', resolve)
    })
    const over = once(server, 'ignored')
    send({ ...request('discover'), giaddr: RELAY })
    send({ ...request('discover'), giaddr: RELAY })
    send({ ...request('release'), giaddr: RELAY })
    await over
    fails = false
    await takeLease(MAC)
    await seen
    expect(log.filter(({ event }) => event === 'dhcp.failed').map(({ message }) => message)).toEqual([
      'A packet could not be answered: rules are broken',
    ])
  } finally {
    await end()
  }
})

test('port 4011 answers beside the other one', async () => {
  await begin({ mode: 'proxy' })
  const client = createSocket('udp4')
  try {
    client.bind(0, '127.0.0.5')
    await once(client, 'listening')
    const answered = once(client, 'message')
    const packet = request('request', { ciaddr: '127.0.0.5', options: [[Option.vendorClass, 'PXEClient']] })
    client.send(encode(packet).bytes, portOf('proxy'), LOOPBACK.address)
    const [bytes, from] = await answered
    expect(from.port).toBe(portOf('proxy'))
    expect(Buffer.from(decode(bytes).packet?.options.get(Option.bootFile) ?? []).toString()).toBe('boot.ipxe\0')
  } finally {
    client.close()
    await end()
  }
})

describe('starting', () => {
  test('on a port that is taken says who has it, and leaves nothing open', async () => {
    await begin()
    const second = createDhcpServer(options({ ports: { server: portOf('dhcp'), client: 0, proxy: 0 } }))
    await expect(second.start()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(
        `(process ${process.pid}) already uses UDP 127.0.0.1:${portOf('dhcp')}, the port of DHCP`,
      ),
    })
    expect(second.addresses()).toEqual([])
    await end()
  })

  test('on an address that no interface has is an error of the interface', async () => {
    const lost = createDhcpServer(
      options({ interfaces: [{ name: 'eth9', address: '192.0.2.1', netmask: '255.255.255.0' }], pool: [] }),
    )
    await expect(lost.start()).rejects.toMatchObject({ code: 'INTERFACE' })
  })

  test('in mode off does nothing', async () => {
    const off = createDhcpServer(options({ mode: 'off' }))
    await off.start()
    expect(off.addresses()).toEqual([])
    await off.close()
  })

  test('twice in a row, and closing twice, is no error', async () => {
    await begin()
    await server.start()
    await end()
    await server.close()
  })

  test('and closing before that is done leaves nothing open', async () => {
    await begin()
    const port = portOf('dhcp')
    await end()
    const closed = createDhcpServer(options({ ports: { server: port, client: 0, proxy: 0 } }))
    const starting = closed.start()
    await closed.close()
    await starting.catch(() => {})
    expect(closed.addresses()).toEqual([])
    await begin({ ports: { server: port, client: 0, proxy: 0 } })
    await end()
  })

  test('twice at once opens one set of ports', async () => {
    const twice = createDhcpServer(options({ ports: { server: 0, client: 0, proxy: 0 } }))
    await Promise.all([twice.start(), twice.start()])
    expect(log.filter(({ event }) => event === 'dhcp.listening').length).toBe(1)
    await twice.close()
  })

  test('again right after closing works', async () => {
    await begin()
    const port = portOf('dhcp')
    await end()
    await begin({ ports: { server: port, client: 0, proxy: 0 } })
    expect(portOf('dhcp')).toBe(port)
    await end()
  })
})

test('an inherited socket for some of the interfaces only is refused', () => {
  const second = { name: 'eth1', address: '10.0.0.1', netmask: '255.255.255.0' }
  const make = () =>
    createDhcpServer(options({ interfaces: [LOOPBACK, second], inherited: [{ interface: 'lo', fd: 3 }] }))
  expect(make).toThrow('There is no inherited socket for eth1')
})

describe('a pool that makes no sense is refused with what to do', () => {
  test.each([
    [{ first: '10.0.0.1', last: '10.0.0.9' }, 'is not in the network of any served interface'],
    [{ first: '127.0.9.9', last: '127.0.9.1' }, 'runs backwards'],
    [{ first: '127.0.0.0', last: '127.255.0.0' }, 'is too large'],
    [{ first: '127.0.0.256', last: '127.0.1.1' }, 'is not an IPv4 address'],
    [{ first: '10.0.0.1', last: '10.0.1.9', netmask: '255.255.255.0' }, 'leaves its network'],
    [{ first: '10.0.0.1', last: '10.0.1.9', netmask: '255.0.255.0' }, 'is not a netmask'],
  ])('%j', (range, sentence) => {
    const make = () => createDhcpServer(options({ pool: { ...range, leaseSeconds: 60 } }))
    expect(make).toThrow(sentence)
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIGURATION', hint: expect.any(String) }))
  })
})
