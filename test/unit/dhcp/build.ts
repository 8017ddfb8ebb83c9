/** Packets for tests, and a server's policy with a clock that is moved by hand. */

import { addressNumber, parseMac } from '../../../src/dhcp/address.ts'
import { createAddressPolicy } from '../../../src/dhcp/address-policy.ts'
import { AddressBook } from '../../../src/dhcp/leases.ts'
import { addresses, MessageType, Option, readAddressOption, readUint8, uint8 } from '../../../src/dhcp/options.ts'
import { BOOTREQUEST, type DhcpPacket, emptyPacket } from '../../../src/dhcp/packet.ts'
import type { Arrival, Outcome } from '../../../src/dhcp/policy.ts'
import { createBootServerPolicy, createProxyPolicy } from '../../../src/dhcp/proxy-policy.ts'
import { addressesInUse, makeSubnets, type Pool, type ServedInterface } from '../../../src/dhcp/subnet.ts'
import type { PolicySettings } from '../../../src/dhcp/visit.ts'

export const LAN: ServedInterface = { name: 'lan0', address: '172.30.0.1', netmask: '255.255.255.0' }
export const POOL: Pool = { first: '172.30.0.100', last: '172.30.0.103', leaseSeconds: 3600 }
export const MAC = '52:54:00:00:00:01'

/** How a broadcast and a unicast to our address come in. */
export const BROADCAST: Arrival = { interface: undefined, unicast: false, from: { address: '0.0.0.0', port: 68 } }
export const UNICAST: Arrival = { interface: LAN, unicast: true, from: { address: '172.30.0.100', port: 68 } }

type Fields = Partial<Omit<DhcpPacket, 'options'>> & { mac?: string; options?: [number, Uint8Array | string][] }

/** A request; text options are given as text, addresses too. */
export function request(type: keyof typeof MessageType | undefined, fields: Fields = {}): DhcpPacket {
  const { mac = MAC, options = [], ...rest } = fields
  const packet = { ...emptyPacket(BOOTREQUEST, 0x5a5a0001), ...rest }
  packet.chaddr = new Uint8Array(16)
  packet.chaddr.set(parseMac(mac) ?? [])
  if (type !== undefined) packet.options.set(Option.messageType, uint8(MessageType[type]))
  for (const [code, data] of options) packet.options.set(code, typeof data === 'string' ? Buffer.from(data) : data)
  return packet
}

export const asks = (address: string): [number, Uint8Array] => [Option.requestedAddress, addresses(address)]
export const chooses = (server: string): [number, Uint8Array] => [Option.serverIdentifier, addresses(server)]

export interface TestServer {
  /** Milliseconds since the test began. */
  now: number
  books: AddressBook[]
  answer(packet: DhcpPacket, arrival?: Arrival): Outcome[]
}

interface Options extends Partial<Omit<PolicySettings, 'books' | 'clock'>> {
  pools?: Pool[]
  excluded?: string[]
  router?: string
  kind?: 'address' | 'proxy' | 'boot-server'
}

export function testServer(options: Options = {}): TestServer {
  const { interfaces = [LAN], pools = [POOL], router, kind = 'address' } = options
  const routers = router === undefined ? [] : [router]
  const subnets = makeSubnets({ interfaces, pools, routers, dns: [], ntp: [], domain: undefined })
  const reserved = new Set(options.excluded?.map(addressNumber))
  const clock = () => server.now
  const books = subnets.map((subnet) => new AddressBook(subnet, { inUse: addressesInUse(subnets), reserved }, clock))
  const settings: PolicySettings = {
    interfaces,
    books,
    bootFile: options.bootFile ?? (() => undefined),
    reservations: options.reservations ?? (() => undefined),
    authoritative: options.authoritative ?? false,
    elsewhere: options.elsewhere ?? (() => false),
    isOwn: options.isOwn ?? (() => false),
    clock,
  }
  const create = { address: createAddressPolicy, proxy: createProxyPolicy, 'boot-server': createBootServerPolicy }[kind]
  const answer = create(settings)
  const server: TestServer = { now: 1_000_000, books, answer: (packet, arrival = BROADCAST) => answer(packet, arrival) }
  return server
}

/** The one reply among outcomes. */
export function replyOf(outcomes: Outcome[]) {
  const replies = outcomes.flatMap(({ reply }) => reply ?? [])
  if (replies.length !== 1 || replies[0] === undefined) throw new Error(`${replies.length} replies, not one`)
  const [reply] = replies
  const { packet } = reply
  return {
    ...reply,
    type: readUint8(packet.options, Option.messageType),
    server: readAddressOption(packet.options, Option.serverIdentifier),
  }
}

export const names = (outcomes: Outcome[]): (string | undefined)[] => outcomes.map(({ event }) => event?.name)

/** The whole way of a machine to its lease; answers the address. */
export function lease(server: TestServer, mac: string): string {
  const { yiaddr } = replyOf(server.answer(request('discover', { mac }))).packet
  const { type } = replyOf(server.answer(request('request', { mac, options: [asks(yiaddr), chooses(LAN.address)] })))
  if (type !== MessageType.ack) throw new Error(`${mac} was refused ${yiaddr}`)
  return yiaddr
}

/** A number for each machine of a crowd. */
export const macNumber = (index: number): string =>
  `52:55:${[24, 16, 8, 0].map((shift) => ((index >>> shift) & 255).toString(16).padStart(2, '0')).join(':')}`

export { addressNumber }
