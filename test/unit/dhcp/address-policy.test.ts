import { describe, expect, test } from 'vitest'
import { PROBE_CLASS } from '../../../src/dhcp/client.ts'
import {
  addresses,
  MessageType,
  Option,
  readAddressOption,
  readUint8,
  readUint32,
  textOf,
  uint32,
} from '../../../src/dhcp/options.ts'
import { BROADCAST_FLAG, type DhcpPacket } from '../../../src/dhcp/packet.ts'
import type { Outcome } from '../../../src/dhcp/policy.ts'
import {
  asks,
  chooses,
  LAN,
  lease,
  MAC,
  macNumber,
  names,
  POOL,
  replyOf,
  request,
  testServer,
  UNICAST,
} from './build.ts'

const OTHER = '52:54:00:00:00:02'
const typeOf = ({ options }: DhcpPacket) => readUint8(options, Option.messageType)

describe('DISCOVER', () => {
  test('is offered an address with everything the network needs', () => {
    const server = testServer({ router: '172.30.0.254' })
    const reply = replyOf(server.answer(request('discover')))
    const { options, yiaddr } = reply.packet
    expect(reply).toMatchObject({ type: MessageType.offer, server: LAN.address, from: LAN, socket: 'dhcp' })
    expect(reply.to).toEqual({ address: '255.255.255.255', port: 'client' })
    expect(yiaddr).toMatch(/^172\.30\.0\.10[0-3]$/)
    expect(readAddressOption(options, Option.netmask)).toBe('255.255.255.0')
    expect(readAddressOption(options, Option.broadcast)).toBe('172.30.0.255')
    expect(readAddressOption(options, Option.router)).toBe('172.30.0.254')
    expect([51, 58, 59].map((code) => readUint32(options, code))).toEqual([3600, 1800, 3150])
  })

  test('costs no lease', () => {
    const server = testServer()
    server.answer(request('discover'))
    expect([...(server.books[0]?.leases() ?? [])]).toEqual([])
  })

  test('copies transaction, flags and hardware address', () => {
    const { packet } = replyOf(testServer().answer(request('discover', { xid: 0xdeadbeef, flags: BROADCAST_FLAG })))
    expect(packet).toMatchObject({ op: 2, xid: 0xdeadbeef, flags: BROADCAST_FLAG, htype: 1, hlen: 6 })
    expect([...packet.chaddr.subarray(0, 6)]).toEqual([0x52, 0x54, 0, 0, 0, 1])
  })

  test('finds a full pool told, and no reply', () => {
    const server = testServer()
    for (let index = 0; index < 4; index++) lease(server, macNumber(index))
    const outcomes = server.answer(request('discover'))
    expect(names(outcomes)).toEqual(['discover', 'pool-exhausted'])
    expect(outcomes.every(({ reply }) => reply === undefined)).toBe(true)
  })

  test('of a broadcast that may come from either of two networks is offered an address of each', () => {
    const second = { name: 'lan1', address: '10.9.0.1', netmask: '255.255.0.0' }
    const pools = [POOL, { first: '10.9.0.10', last: '10.9.0.20', leaseSeconds: 60 }]
    const server = testServer({ interfaces: [LAN, second], pools })
    const offers = server.answer(request('discover')).flatMap(({ reply }) => reply ?? [])
    expect(offers.map(({ from }) => from.name)).toEqual(['lan0', 'lan1'])
    const [, offer] = offers
    const requested = offer?.packet.yiaddr ?? ''
    const reply = replyOf(server.answer(request('request', { options: [asks(requested), chooses(second.address)] })))
    expect(reply).toMatchObject({ type: MessageType.ack, from: second })
    expect(server.books[0]?.openOffers).toBe(0)
  })

  test('may ask for a shorter lease, not for a longer or a very short one', () => {
    const asked = (seconds: number) => {
      const packet = request('discover', { options: [[Option.leaseTime, uint32(seconds)]] })
      return readUint32(replyOf(testServer().answer(packet)).packet.options, Option.leaseTime)
    }
    expect([600, 999_999, 1].map(asked)).toEqual([600, 3600, 120])
  })

  test('of an endless lease has no times to renew', () => {
    const pools = [{ ...POOL, leaseSeconds: Number.POSITIVE_INFINITY }]
    const { options } = replyOf(testServer({ pools }).answer(request('discover'))).packet
    expect(readUint32(options, Option.leaseTime)).toBe(0xffffffff)
    expect(options.has(Option.renewalTime)).toBe(false)
  })
})

describe('REQUEST, SELECTING', () => {
  test('of our offer is acknowledged and written down before the reply', () => {
    const server = testServer()
    const { yiaddr } = replyOf(server.answer(request('discover'))).packet
    const outcomes = server.answer(request('request', { options: [asks(yiaddr), chooses(LAN.address)] }))
    const acknowledged = outcomes.find(({ reply }) => reply !== undefined)
    expect(names(outcomes)).toEqual(['request', 'ack'])
    expect(acknowledged?.record).toMatchObject({ mac: MAC, expires: server.now + 3_600_000 })
    expect(replyOf(outcomes)).toMatchObject({ type: MessageType.ack, packet: { yiaddr } })
  })

  test('of another server is left to that, and frees our offer', () => {
    const server = testServer()
    server.answer(request('discover'))
    const outcomes = server.answer(request('request', { options: [asks('172.30.0.9'), chooses('172.30.0.2')] }))
    expect(names(outcomes)).toEqual(['other-server'])
    expect(outcomes[0]?.reply).toBeUndefined()
    expect([...(server.books[0]?.leases() ?? [])]).toEqual([])
    expect(server.books[0]?.openOffers).toBe(0)
  })

  test('of an address that somebody else has is refused', () => {
    const server = testServer()
    const taken = lease(server, OTHER)
    const reply = replyOf(server.answer(request('request', { options: [asks(taken), chooses(LAN.address)] })))
    expect(reply).toMatchObject({
      type: MessageType.nak,
      to: { address: '255.255.255.255' },
      packet: { yiaddr: '0.0.0.0' },
    })
  })

  test.each(['172.30.0.1', '172.30.0.0', '172.30.0.255', '172.30.0.50', '10.0.0.1', '224.0.0.1', '255.255.255.255'])(
    'of %s, which is not in the pool, is refused',
    (address) => {
      const reply = replyOf(testServer().answer(request('request', { options: [asks(address), chooses(LAN.address)] })))
      expect(reply.type).toBe(MessageType.nak)
    },
  )

  test('that comes after the offer ended is acknowledged while the address is free', () => {
    const server = testServer()
    const { yiaddr } = replyOf(server.answer(request('discover'))).packet
    server.now += 120_000
    const reply = replyOf(server.answer(request('request', { options: [asks(yiaddr), chooses(LAN.address)] })))
    expect(reply.type).toBe(MessageType.ack)
  })

  test('that was lost on its way back is acknowledged again', () => {
    const server = testServer()
    const address = lease(server, MAC)
    const again = request('request', { options: [asks(address), chooses(LAN.address)] })
    expect(replyOf(server.answer(again)).type).toBe(MessageType.ack)
  })
})

describe('REQUEST, INIT-REBOOT', () => {
  const remembers = (address: string) => request('request', { options: [asks(address)] })

  test('of its own lease is acknowledged', () => {
    const server = testServer()
    expect(replyOf(server.answer(remembers(lease(server, MAC)))).type).toBe(MessageType.ack)
  })

  test('of another address than its own is refused', () => {
    const server = testServer()
    lease(server, MAC)
    expect(replyOf(server.answer(remembers('172.30.0.77'))).type).toBe(MessageType.nak)
  })

  test('of an address that somebody else has is refused', () => {
    const server = testServer()
    expect(replyOf(server.answer(remembers(lease(server, OTHER)))).type).toBe(MessageType.nak)
  })

  test('of a machine that we do not know is left to others, unless we are alone here', () => {
    const packet = () => remembers('192.168.1.17')
    expect(names(testServer().answer(packet()))).toEqual(['ignored'])
    expect(replyOf(testServer({ authoritative: true }).answer(packet())).type).toBe(MessageType.nak)
  })
})

describe('a machine that comes from another network', () => {
  const second = { name: 'lan1', address: '10.9.0.1', netmask: '255.255.0.0' }
  const pools = [POOL, { first: '10.9.0.10', last: '10.9.0.20', leaseSeconds: 60 }]
  const both = () => testServer({ interfaces: [LAN, second], pools, authoritative: true })
  const replies = (outcomes: Outcome[]) =>
    outcomes.flatMap(({ reply }) => (reply === undefined ? [] : [[reply.from.name, typeOf(reply.packet)]]))

  test('is refused wherever it may be, so that it asks for a new address at once, and this is told once', () => {
    for (const fields of [{ options: [asks('192.168.1.17')] }, { ciaddr: '192.168.1.17' }]) {
      const outcomes = both().answer(request('request', fields))
      expect(replies(outcomes)).toEqual([
        ['lan0', MessageType.nak],
        ['lan1', MessageType.nak],
      ])
      expect(names(outcomes)).toEqual(['request', 'nak', undefined])
    }
  })

  test('is heard on one interface by an inherited socket, and refused there alone', () => {
    const arrival = { interface: second, unicast: false, from: { address: '0.0.0.0', port: 68 } }
    const outcomes = both().answer(request('request', { options: [asks('172.30.0.101')] }), arrival)
    expect(replies(outcomes)).toEqual([['lan1', MessageType.nak]])
  })

  test('asks for the address that it has here, or had there: each interface answers for its own network', () => {
    const outcomes = both().answer(request('request', { options: [asks('10.9.0.12')] }))
    expect(replies(outcomes)).toEqual([
      ['lan1', MessageType.ack],
      ['lan0', MessageType.nak],
    ])
    expect(names(outcomes)).toEqual(['request', 'ack', undefined])
  })

  test('is not refused for what was overheard from a network beside ours', () => {
    const elsewhere = (address: string) => address.startsWith('192.168.1.')
    const server = testServer({ authoritative: true, elsewhere })
    expect(names(server.answer(request('request', { options: [asks('192.168.1.17')] })))).toEqual(['ignored'])
    const chosen = request('request', { options: [asks('192.168.1.17'), chooses('192.168.1.1')] })
    expect(names(server.answer(chosen))).toEqual(['ignored'])
  })

  test('that we gave an address on another day is refused even if we are not alone here', () => {
    const server = testServer()
    lease(server, MAC)
    expect(replyOf(server.answer(request('request', { ciaddr: '192.168.1.17' }))).type).toBe(MessageType.nak)
  })

  test('DISCOVERs are answered whatever address they still carry', () => {
    expect(replyOf(testServer().answer(request('discover', { ciaddr: '192.168.1.17' }))).type).toBe(MessageType.offer)
  })
})

describe('REQUEST, RENEWING and REBINDING', () => {
  test('a renewal prolongs the lease and is answered to the machine itself', () => {
    const server = testServer()
    const ciaddr = lease(server, MAC)
    server.now += 1_800_000
    const outcomes = server.answer(request('request', { ciaddr }), UNICAST)
    expect(replyOf(outcomes)).toMatchObject({ type: MessageType.ack, to: { address: ciaddr, port: 'client' } })
    expect(outcomes.find(({ record }) => record)?.record?.expires).toBe(server.now + 3_600_000)
  })

  test('a renewal of a lease that our records lost makes it again', () => {
    const reply = replyOf(testServer().answer(request('request', { ciaddr: '172.30.0.102' }), UNICAST))
    expect(reply).toMatchObject({ type: MessageType.ack, packet: { yiaddr: '172.30.0.102', ciaddr: '172.30.0.102' } })
  })

  test('a renewal of an address that went to somebody else is refused, to everybody', () => {
    const server = testServer()
    const ciaddr = lease(server, OTHER)
    const reply = replyOf(server.answer(request('request', { ciaddr }), UNICAST))
    expect(reply).toMatchObject({ type: MessageType.nak, to: { address: '255.255.255.255' } })
  })

  test('a rebinding of a lease that we did not give is left to others', () => {
    expect(names(testServer().answer(request('request', { ciaddr: '172.30.0.102' })))).toEqual(['ignored'])
  })

  test('an address of another network gets nothing: the answer could leave by another interface', () => {
    expect(names(testServer().answer(request('request', { ciaddr: '8.8.8.8' }), UNICAST))).toEqual(['ignored'])
  })
})

describe('DECLINE, RELEASE, INFORM', () => {
  test('a declined address is not offered again', () => {
    const server = testServer()
    const address = lease(server, MAC)
    const outcomes = server.answer(request('decline', { options: [asks(address), chooses(LAN.address)] }))
    expect(names(outcomes)).toEqual(['decline'])
    expect(replyOf(server.answer(request('discover', { options: [asks(address)] }))).packet.yiaddr).not.toBe(address)
  })

  test('a declined offer is no end of the lease that the machine has: nothing of the kind is written down', () => {
    let address: string | undefined
    const server = testServer({ reservations: () => (address === undefined ? undefined : { address }) })
    const leased = lease(server, MAC)
    address = '172.30.0.7'
    expect(replyOf(server.answer(request('discover'))).packet.yiaddr).toBe(address)
    const outcomes = server.answer(request('decline', { options: [asks(address), chooses(LAN.address)] }))
    expect(names(outcomes)).toEqual(['decline'])
    expect(outcomes[0]?.record).toBeUndefined()
    address = undefined
    expect(replyOf(server.answer(request('discover'))).packet.yiaddr).toBe(leased)
  })

  test('a machine cannot decline what others have', () => {
    const server = testServer()
    const address = lease(server, OTHER)
    expect(names(server.answer(request('decline', { options: [asks(address)] })))).toEqual(['ignored'])
  })

  test('a released address is free, and its end is written down', () => {
    const server = testServer()
    const ciaddr = lease(server, MAC)
    const [outcome] = server.answer(request('release', { ciaddr }), UNICAST)
    expect(outcome).toMatchObject({ event: { name: 'release' }, record: { expires: 0 } })
    expect(outcome?.reply).toBeUndefined()
  })

  test('INFORM of a machine that claims our address is answered to everybody, not to ourselves', () => {
    const reply = replyOf(testServer().answer(request('inform', { ciaddr: LAN.address }), UNICAST))
    expect(reply.to.address).toBe('255.255.255.255')
  })

  test('INFORM is answered without an address and without a lease (RFC 2131 §4.3.5)', () => {
    const reply = replyOf(testServer().answer(request('inform', { ciaddr: '172.30.0.9' }), UNICAST))
    expect(reply).toMatchObject({ type: MessageType.ack, to: { address: '172.30.0.9' }, packet: { yiaddr: '0.0.0.0' } })
    expect(reply.packet.options.has(Option.leaseTime)).toBe(false)
    expect(readAddressOption(reply.packet.options, Option.netmask)).toBe('255.255.255.0')
  })
})

describe('BOOTP', () => {
  test('gets a reserved address, without DHCP options', () => {
    const server = testServer({ reservations: () => ({ address: '172.30.0.7' }) })
    const { packet, type } = replyOf(server.answer(request(undefined)))
    expect(type).toBeUndefined()
    expect(packet.yiaddr).toBe('172.30.0.7')
    expect([51, 53, 54].some((code) => packet.options.has(code))).toBe(false)
  })

  test('gets none of the pool, for it would keep it for ever', () => {
    expect(names(testServer().answer(request(undefined)))).toEqual(['ignored'])
  })
})

describe('reservations', () => {
  const fixed = { reservations: () => ({ address: '172.30.0.7', hostname: 'pc-07' }) }

  test('give the address and the name', () => {
    const server = testServer(fixed)
    const { options, yiaddr } = replyOf(server.answer(request('discover'))).packet
    expect(yiaddr).toBe('172.30.0.7')
    expect(textOf(options.get(Option.hostname) ?? new Uint8Array())).toBe('pc-07')
    expect(lease(server, MAC)).toBe('172.30.0.7')
  })

  test('move a machine that has another address', () => {
    const server = testServer(fixed)
    expect(replyOf(server.answer(request('request', { ciaddr: '172.30.0.102' }), UNICAST)).type).toBe(MessageType.nak)
  })

  test('inside the pool are kept for their machine', () => {
    const pools = [{ first: '172.30.0.100', last: '172.30.0.101', leaseSeconds: 60 }]
    const reservations = ({ mac }: { mac: string }) => (mac === MAC ? { address: '172.30.0.100' } : undefined)
    const server = testServer({ pools, reservations, excluded: ['172.30.0.100'] })
    expect(lease(server, OTHER)).toBe('172.30.0.101')
    const wish = request('request', { mac: macNumber(7), options: [asks('172.30.0.100'), chooses(LAN.address)] })
    expect(replyOf(server.answer(wish)).type).toBe(MessageType.nak)
    expect(lease(server, MAC)).toBe('172.30.0.100')
  })

  test('of our own address are no use', () => {
    const server = testServer({ reservations: () => ({ address: LAN.address }) })
    expect(lease(server, MAC)).toMatch(/^172\.30\.0\.10/)
  })

  test('outside the network are no use, and the pool serves', () => {
    const server = testServer({ reservations: () => ({ address: '10.0.0.1' }) })
    expect(lease(server, MAC)).toMatch(/^172\.30\.0\.10/)
  })
})

describe('relay agents', () => {
  const pools = [
    POOL,
    { first: '10.1.0.10', last: '10.1.0.20', netmask: '255.255.255.0', leaseSeconds: 60, router: '10.1.0.1' },
  ]
  const information = Uint8Array.of(1, 4, 1, 2, 3, 4)

  test('get an address of their network, with their information echoed last (RFC 3046)', () => {
    const packet = request('discover', {
      giaddr: '10.1.0.1',
      hops: 1,
      options: [[Option.relayInformation, information]],
    })
    const reply = replyOf(testServer({ pools }).answer(packet, UNICAST))
    expect(reply).toMatchObject({ server: LAN.address, to: { address: '10.1.0.1', port: 'server' }, from: LAN })
    expect(reply.packet).toMatchObject({ giaddr: '10.1.0.1', yiaddr: expect.stringMatching(/^10\.1\.0\./) })
    expect(readAddressOption(reply.packet.options, Option.router)).toBe('10.1.0.1')
    expect([...reply.packet.options].at(-1)).toEqual([Option.relayInformation, information])
  })

  test('may select another link than their own (RFC 3527)', () => {
    const link = Uint8Array.of(5, 4, 10, 1, 0, 0)
    const selects = Uint8Array.of(5, 4, 10, 1, 0, 1)
    const packet = request('discover', { giaddr: '172.30.0.3', options: [[Option.relayInformation, selects]] })
    expect(replyOf(testServer({ pools }).answer(packet, UNICAST)).packet.yiaddr).toMatch(/^10\.1\.0\./)
    packet.options.set(Option.relayInformation, link)
    expect(names(testServer({ pools }).answer(packet, UNICAST))).toEqual(['ignored'])
  })

  test.each([
    ['198.51.100.7', 'on the Internet'],
    ['192.168.9.7', 'in a network of this computer that is not served'],
    ['224.0.0.1', 'that are a group'],
    ['255.255.255.255', 'that are everybody'],
    ['127.0.0.1', 'that are ourselves'],
  ])('at %s, %s, are not answered whatever link they select', (giaddr) => {
    const selects = Uint8Array.of(5, 4, 10, 1, 0, 1)
    const packet = request('discover', { giaddr, options: [[Option.relayInformation, selects]] })
    const server = testServer({ pools, elsewhere: (address) => address.startsWith('192.168.9.') })
    expect(names(server.answer(packet, UNICAST))).toEqual(['ignored'])
  })

  test.each(['172.30.0.1', '192.168.7.1', '224.0.0.1', '255.255.255.255', '127.0.0.1'])(
    'at %s are not answered',
    (giaddr) => {
      expect(names(testServer({ pools }).answer(request('discover', { giaddr }), UNICAST))).toEqual(['ignored'])
    },
  )

  const behind = { interface: LAN, unicast: true, from: { address: '10.1.0.10', port: 68 } }

  test('are left out when a machine behind one renews: it asks us itself, and is answered itself', () => {
    const server = testServer({ pools })
    const relayed = (type: 'discover' | 'request', options: [number, Uint8Array][] = []) =>
      replyOf(server.answer(request(type, { giaddr: '10.1.0.1', options }), UNICAST))
    const { yiaddr: ciaddr } = relayed('discover').packet
    relayed('request', [asks(ciaddr), chooses(LAN.address)])
    for (const arrival of [behind, { ...behind, unicast: false }]) {
      const reply = replyOf(server.answer(request('request', { ciaddr }), arrival))
      expect(reply).toMatchObject({ type: MessageType.ack, from: LAN, to: { address: ciaddr, port: 'client' } })
    }
    expect(names(server.answer(request('release', { ciaddr }), behind))).toEqual(['release'])
  })

  test('at several of our interfaces are answered by each from its own address', () => {
    const second = { name: 'lan1', address: '10.9.0.1', netmask: '255.255.0.0' }
    const server = testServer({ pools, interfaces: [LAN, second] })
    const arrivals = [LAN, second].map((served) => ({ ...UNICAST, interface: served }))
    const offers = arrivals.map((arrival) =>
      replyOf(server.answer(request('discover', { giaddr: '10.1.0.1' }), arrival)),
    )
    expect(offers.map((offer) => [offer.server, offer.from.name])).toEqual([
      [LAN.address, 'lan0'],
      [second.address, 'lan1'],
    ])
    // The machine chose the second; the relay agent asks both again.
    const chosen = () =>
      request('request', {
        giaddr: '10.1.0.1',
        options: [asks(offers[1]?.packet.yiaddr ?? ''), chooses(second.address)],
      })
    const outcomes = arrivals.map((arrival) => server.answer(chosen(), arrival))
    expect(outcomes.map(names)).toEqual([['ignored'], ['request', 'ack']])
  })

  test('broadcast a refusal, for the machine may think it is elsewhere', () => {
    const packet = request('request', { giaddr: '10.1.0.1', options: [asks('10.1.0.99'), chooses(LAN.address)] })
    const reply = replyOf(testServer({ pools }).answer(packet, UNICAST))
    expect(reply.to).toEqual({ address: '10.1.0.1', port: 'server' })
    expect(reply.packet.flags).toBe(BROADCAST_FLAG)
  })
})

test('our own question who else answers is not answered, that of another server of our kind is', () => {
  const server = testServer({ isOwn: (mac) => mac === MAC })
  const probe = (mac: string) => request('discover', { mac, options: [[Option.vendorClass, PROBE_CLASS]] })
  expect(names(server.answer(probe(MAC)))).toEqual(['ignored'])
  expect(names(server.answer(probe(OTHER)))).toEqual(['discover', 'offer'])
  expect(names(server.answer(request('discover')))).toEqual(['discover', 'offer'])
})

describe('packets that come from no machine are ignored', () => {
  test.each([
    ['a reply', request('discover', { op: 2 })],
    ['not Ethernet', request('discover', { htype: 6 })],
    ['no hardware address', request('discover', { hlen: 0 })],
    ['a hardware address of 16 bytes', request('discover', { hlen: 16 })],
    ['a multicast hardware address', request('discover', { mac: '01:00:5e:00:00:01' })],
    ['a zero hardware address', request('discover', { mac: '00:00:00:00:00:00' })],
    ['many hops', request('discover', { hops: 17 })],
    ['an OFFER', request('offer')],
    ['a message type of two bytes', request(undefined, { options: [[53, Uint8Array.of(1, 1)]] })],
    ['message type 200', request(undefined, { options: [[53, Uint8Array.of(200)]] })],
    ['a REQUEST of nothing', request('request')],
    ['a requested address of three bytes', request('request', { options: [[50, Uint8Array.of(1, 2, 3)]] })],
    ['INFORM without an address', request('inform')],
  ])('%s', (_, packet) => {
    const outcomes = testServer({ authoritative: true }).answer(packet)
    expect(names(outcomes)).toEqual(['ignored'])
    expect(outcomes[0]?.reply).toBeUndefined()
  })
})

test('one boot is one lease: firmware, Phase-1 and the system send different identifiers, or none', () => {
  const server = testServer()
  const address = lease(server, MAC)
  for (const identifier of ['01525400000001', 'ff0011223344', '']) {
    const options: [number, Uint8Array][] = [[Option.clientIdentifier, Buffer.from(identifier, 'hex')]]
    expect(replyOf(server.answer(request('discover', { options }))).packet.yiaddr).toBe(address)
  }
})

test('machines that were cloned with one identifier have an address each', () => {
  const server = testServer()
  const options: [number, Uint8Array][] = [[Option.clientIdentifier, Uint8Array.of(255, 1, 2, 3, 4)]]
  const offered = [MAC, OTHER].map((mac) => replyOf(server.answer(request('discover', { mac, options }))).packet.yiaddr)
  expect(new Set(offered).size).toBe(2)
})

test('the client identifier comes back as it was sent (RFC 6842)', () => {
  const identifier = Uint8Array.of(255, 1, 2, 3)
  const { options } = replyOf(testServer().answer(request('discover', { options: [[61, identifier]] }))).packet
  expect(options.get(61)).toEqual(identifier)
})

test('our own address and the router are never given', () => {
  const pools = [{ first: '172.30.0.1', last: '172.30.0.3', leaseSeconds: 60 }]
  const server = testServer({ pools, router: '172.30.0.2' })
  expect(lease(server, MAC)).toBe('172.30.0.3')
  const outcomes = server.answer(
    request('request', { mac: OTHER, options: [asks('172.30.0.1'), chooses(LAN.address)] }),
  )
  expect(replyOf(outcomes).type).toBe(MessageType.nak)
})

test('name servers, time servers and domain are told', () => {
  const pools = [{ ...POOL, dns: ['10.0.0.53', '10.0.0.54'], ntp: ['10.0.0.123'], domain: 'lab.example' }]
  const { options } = replyOf(testServer({ pools }).answer(request('discover'))).packet
  expect(options.get(Option.dns)).toEqual(addresses('10.0.0.53', '10.0.0.54'))
  expect(options.get(Option.ntp)).toEqual(addresses('10.0.0.123'))
  expect(textOf(options.get(Option.domain) ?? new Uint8Array())).toBe('lab.example')
})
