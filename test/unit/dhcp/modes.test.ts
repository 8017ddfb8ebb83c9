import { describe, expect, test } from 'vitest'
import { AddressBook } from '../../../src/dhcp/leases.ts'
import { createPolicy, isBeside, modesOf } from '../../../src/dhcp/modes.ts'
import { MessageType, Option, readUint8 } from '../../../src/dhcp/options.ts'
import type { DhcpPacket } from '../../../src/dhcp/packet.ts'
import { addressesInUse, makeSubnets, type ServedInterface } from '../../../src/dhcp/subnet.ts'
import { createThisComputer } from '../../../src/dhcp/this-computer.ts'
import { asks, BROADCAST, chooses, LAN, names, POOL, request } from './build.ts'

/** In the school's network, where somebody else gives the addresses. */
const SCHOOL: ServedInterface = { name: 'eth0', address: '10.9.0.1', netmask: '255.255.0.0', mode: 'proxy' }
const interfaces = [LAN, SCHOOL]
const modes = modesOf(interfaces, 'dhcp')
const firmware: [number, string][] = [[Option.vendorClass, 'PXEClient:Arch:00000:UNDI:002001']]

function policy() {
  const subnets = makeSubnets({ interfaces, pools: [POOL], routers: [], dns: [], ntp: [], domain: undefined })
  const keptBack = { inUse: addressesInUse(subnets), reserved: new Set<number>() }
  const books = subnets.map((subnet) => new AddressBook(subnet, keptBack, () => 1_000))
  return createPolicy(
    {
      interfaces,
      books,
      bootFile: (_, served) => ({ server: served.address, file: 'boot.ipxe' }),
      reservations: () => undefined,
      authoritative: true,
      elsewhere: () => false,
      isOwn: () => false,
      clock: () => 1_000,
    },
    modes,
  )
}

const typeOf = ({ options }: DhcpPacket) => readUint8(options, Option.messageType)

describe('addresses on one interface and boot files alone on another', () => {
  test('a broadcast that may come from either is answered on each in its own way', () => {
    const outcomes = policy()(request('discover', { options: firmware }), BROADCAST)
    const replies = outcomes.flatMap(({ reply }) => reply ?? [])
    expect(replies.map(({ from, packet }) => [from.name, typeOf(packet), packet.siaddr])).toEqual([
      ['lan0', MessageType.offer, LAN.address],
      ['eth0', MessageType.offer, SCHOOL.address],
    ])
    expect(replies.map(({ packet }) => packet.yiaddr !== '0.0.0.0')).toEqual([true, false])
    expect(names(outcomes)).toEqual(['discover', 'offer', 'proxy-offer'])
  })

  test('a machine that does not boot is offered an address, and nothing beside the other server', () => {
    const outcomes = policy()(request('discover'), BROADCAST)
    expect(outcomes.flatMap(({ reply }) => reply?.from.name ?? [])).toEqual(['lan0'])
    expect(names(outcomes)).toEqual(['discover', 'offer'])
  })

  test('what comes in by one interface is answered there alone', () => {
    const at = (served: ServedInterface) => ({ ...BROADCAST, interface: served })
    const answered = (served: ServedInterface) =>
      policy()(request('discover', { options: firmware }), at(served)).flatMap(({ reply }) => reply?.from.name ?? [])
    expect([answered(LAN), answered(SCHOOL)]).toEqual([['lan0'], ['eth0']])
  })

  test('a machine of the other network that remembers its address is not refused: it is not ours', () => {
    const outcomes = policy()(request('request', { options: [asks('10.9.0.77')] }), BROADCAST)
    expect(names(outcomes)).toEqual(['ignored'])
  })

  test('the server that it takes its address from is told once, and is as it should be', () => {
    const outcomes = policy()(request('request', { options: [asks('10.9.0.77'), chooses('10.9.0.2')] }), BROADCAST)
    expect(names(outcomes)).toEqual(['other-server'])
    expect(['10.9.0.2', '172.30.0.2'].map((server) => isBeside(modes, server))).toEqual([true, false])
  })

  test('a packet that neither takes is ignored once', () => {
    expect(names(policy()(request('offer'), BROADCAST))).toEqual(['ignored'])
  })
})

describe('an address is elsewhere', () => {
  const ipv4 = (address: string, netmask: string) =>
    ({ address, netmask, family: 'IPv4', internal: false, mac: '', cidr: null }) as const
  const list = () => ({
    lan0: [ipv4('172.30.0.1', '255.255.255.0'), ipv4('10.200.0.1', '255.255.255.0')],
    wlan0: [ipv4('192.168.1.7', '255.255.255.0')],
    wide: [ipv4('172.30.9.9', '255.255.0.0')],
  })

  test.each([
    ['192.168.1.1', true],
    ['172.30.5.5', true],
    ['172.30.0.50', false],
    // Also the interface that is served has other networks.
    ['10.200.0.5', false],
    ['8.8.8.8', false],
    ['nonsense', false],
  ])('%s: %s', (address, expected) => {
    expect(createThisComputer([LAN], () => 0, list).elsewhere(address)).toBe(expected)
  })

  test('and interfaces that come up later are found', () => {
    let now = 0
    let interfaces = {}
    const { elsewhere } = createThisComputer(
      [LAN],
      () => now,
      () => interfaces,
    )
    expect(elsewhere('192.168.1.1')).toBe(false)
    interfaces = list()
    now += 2_000
    expect(elsewhere('192.168.1.1')).toBe(true)
  })
})
