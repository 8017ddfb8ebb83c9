/** Building an answer and deciding where it goes (RFC 2131 §4.1 and table 3). */
import { addressNumber, broadcastAddress, isUnicast, LIMITED_BROADCAST, NO_ADDRESS, sameNetwork } from './address.ts'
import { replyLimit } from './client.ts'
import { addresses, MessageType, Option, seconds, textBytes, uint8 } from './options.ts'
import { BOOTREPLY, BROADCAST_FLAG, type DhcpPacket, emptyPacket } from './packet.ts'
import type { ServedInterface, Subnet } from './subnet.ts'

/** A packet to send. */
export interface Reply {
  readonly packet: DhcpPacket
  /** The most bytes the receiver takes, UDP payload. */
  readonly limit: number
  readonly to: { readonly address: string; readonly port: 'client' | 'server' | number }
  /** The interface it leaves by. */
  readonly from: ServedInterface
  /** Which of our ports it comes from. */
  readonly socket: 'dhcp' | 'proxy'
}

/** An answer to `request` that has the fields every answer copies, the message type, and our identifier. */
export function startReply(request: DhcpPacket, type: number | undefined, from: ServedInterface): DhcpPacket {
  const reply = emptyPacket(BOOTREPLY, request.xid)
  reply.htype = request.htype
  reply.hlen = request.hlen
  reply.flags = request.flags
  reply.giaddr = request.giaddr
  reply.chaddr = request.chaddr
  if (type !== undefined) {
    reply.options.set(Option.messageType, uint8(type))
    reply.options.set(Option.serverIdentifier, serverIdentifier(from))
  }
  return reply
}

/** Options 51, 58 and 59: renewal after a half, rebinding after seven eighths (RFC 2131 §4.4.5). */
export function addLeaseTimes(reply: DhcpPacket, leaseSeconds: number): void {
  reply.options.set(Option.leaseTime, seconds(leaseSeconds))
  if (leaseSeconds === Number.POSITIVE_INFINITY) return
  reply.options.set(Option.renewalTime, seconds(leaseSeconds * 0.5))
  reply.options.set(Option.rebindingTime, seconds(leaseSeconds * 0.875))
}

/** What a machine needs to know of its network. */
export function addNetworkOptions(reply: DhcpPacket, subnet: Subnet, hostname: string | undefined): void {
  for (const [code, data] of networkOptions(subnet)) reply.options.set(code, data)
  if (hostname !== undefined) reply.options.set(Option.hostname, textBytes(hostname))
}

/** The bytes that are the same in every answer are made once. */
const identifiers = new WeakMap<ServedInterface, Uint8Array>()
const optionsOfSubnets = new WeakMap<Subnet, readonly [number, Uint8Array][]>()

function serverIdentifier(served: ServedInterface): Uint8Array {
  const known = identifiers.get(served)
  if (known !== undefined) return known
  const bytes = addresses(served.address)
  identifiers.set(served, bytes)
  return bytes
}

function networkOptions(subnet: Subnet): readonly [number, Uint8Array][] {
  const known = optionsOfSubnets.get(subnet)
  if (known !== undefined) return known
  const options: [number, Uint8Array][] = [[Option.netmask, addresses(subnet.netmask)]]
  if (subnet.router !== undefined) options.push([Option.router, addresses(subnet.router)])
  if (subnet.dns.length > 0) options.push([Option.dns, addresses(...subnet.dns)])
  if (subnet.ntp.length > 0) options.push([Option.ntp, addresses(...subnet.ntp)])
  if (subnet.domain !== undefined) options.push([Option.domain, textBytes(subnet.domain)])
  options.push([Option.broadcast, addresses(broadcastAddress(subnet.network, subnet.netmask))])
  optionsOfSubnets.set(subnet, options)
  return options
}

/**
 * Where the answer to a packet on port 67 goes. To a machine without an address it is always the limited broadcast: a
 * unicast would need the machine in our ARP table, which only native code can do.
 */
export function addressed(request: DhcpPacket, packet: DhcpPacket, subnet: Subnet, from: ServedInterface): Reply {
  const { options } = packet
  const isNak = options.get(Option.messageType)?.[0] === MessageType.nak
  // RFC 6842: the identifier comes back as it was sent. RFC 3046 §2.2: so does the relay agent's information, last.
  const identifier = request.options.get(Option.clientIdentifier)
  if (identifier !== undefined && options.has(Option.messageType)) options.set(Option.clientIdentifier, identifier)
  const relayInformation = request.options.get(Option.relayInformation)
  if (relayInformation !== undefined) options.set(Option.relayInformation, relayInformation)

  const common = { packet, limit: replyLimit(request), from, socket: 'dhcp' } as const
  if (request.giaddr !== NO_ADDRESS) {
    // RFC 2131 §4.3.2: through a relay a NAK is broadcast, for the machine may hold an address of elsewhere.
    if (isNak) packet.flags |= BROADCAST_FLAG
    return { ...common, to: { address: request.giaddr, port: 'server' } }
  }
  const own = request.ciaddr
  const reachable = own !== NO_ADDRESS && isUnicast(addressNumber(own)) && isLocal(own, subnet)
  if (reachable && !isNak) return { ...common, to: { address: own, port: 'client' } }
  return { ...common, to: { address: LIMITED_BROADCAST, port: 'client' } }
}

/** An answer to any other address could leave by an interface that we do not serve. */
function isLocal(address: string, subnet: Subnet): boolean {
  if (address === subnet.interface.address) return false
  return sameNetwork(addressNumber(address), subnet.network, subnet.netmask)
}
