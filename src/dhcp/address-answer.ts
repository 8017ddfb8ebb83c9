/** What answers of the owner of the addresses consist of, and what is told about them. */
import { addressNumber, formatAddress, NO_ADDRESS, parseAddress } from './address.ts'
import type { BootAnswer, DhcpFact } from './events.ts'
import type { AddressBook } from './leases.ts'
import { MessageType, Option, readAddressOption, readUint32 } from './options.ts'
import type { DhcpPacket } from './packet.ts'
import type { Outcome } from './policy.ts'
import { addBootOptions } from './pxe.ts'
import { addLeaseTimes, addNetworkOptions, addressed, type Reply, startReply } from './reply.ts'
import {
  type BootChoice,
  chooseBootFile,
  NOTHING_TO_BOOT,
  type PolicySettings,
  type Reservation,
  servedBy,
  tell,
  type Visit,
} from './visit.ts'

/** A machine may ask for a shorter lease, but not for one that it would renew all the time. */
const SHORTEST_LEASE_SECONDS = 120

interface Contents {
  address?: number
  leaseSeconds?: number
  reservation: Reservation | undefined
  boot: BootAnswer | undefined
}

/** The answer's options stand in the order of their importance: what does not fit into the packet is left out. */
export function buildAnswer(visit: Visit, book: AddressBook, type: number | undefined, contents: Contents): DhcpPacket {
  const { packet, client } = visit
  const { address, leaseSeconds, reservation, boot } = contents
  const reply = startReply(packet, type, servedBy(visit, book))
  // RFC 2131 table 3: an ACK repeats ciaddr, an OFFER does not.
  if (type !== MessageType.offer) reply.ciaddr = packet.ciaddr
  if (address !== undefined) reply.yiaddr = formatAddress(address)
  if (leaseSeconds !== undefined) addLeaseTimes(reply, leaseSeconds)
  if (boot !== undefined) addBootOptions(reply, packet, client, boot, 'address')
  addNetworkOptions(reply, book.subnet, reservation?.hostname)
  return reply
}

export function send(visit: Visit, reply: DhcpPacket, book: AddressBook): Reply {
  return addressed(visit.packet, reply, book.subnet, servedBy(visit, book))
}

/** Only who asks to be booted is told what. */
export function bootFileFor(settings: PolicySettings, visit: Visit, book: AddressBook): BootChoice {
  return visit.client.netboot ? chooseBootFile(settings, visit, servedBy(visit, book)) : NOTHING_TO_BOOT
}

export function missingBootFile(
  visit: Visit,
  book: AddressBook,
  missing: string,
  address: number | undefined,
): Outcome {
  const offered = address === undefined ? {} : { address: formatAddress(address) }
  return tell('no-boot-file', { ...visit.fact, interface: servedBy(visit, book).name, ...offered, missing })
}

export function bootFact(boot: BootAnswer | undefined): Pick<DhcpFact, 'boot'> {
  return boot === undefined ? {} : { boot }
}

export function addressFact(visit: Visit, book: AddressBook, address: number, reservation: Reservation | undefined) {
  const hostname = reservation?.hostname ?? visit.client.hostname
  const named = hostname === undefined ? {} : { hostname }
  return { ...visit.fact, interface: servedBy(visit, book).name, address: formatAddress(address), ...named }
}

/** The reserved address, if it lies in this subnet. */
export function fixedAddress(reservation: Reservation | undefined, book: AddressBook): number | undefined {
  const address = reservation?.address === undefined ? undefined : parseAddress(reservation.address)
  return address !== undefined && book.contains(address) ? address : undefined
}

export function requestedAddress(packet: DhcpPacket): number | undefined {
  const requested = readAddressOption(packet.options, Option.requestedAddress)
  return requested === undefined || requested === NO_ADDRESS ? undefined : addressNumber(requested)
}

export function ownAddress(packet: DhcpPacket): number | undefined {
  return packet.ciaddr === NO_ADDRESS ? undefined : addressNumber(packet.ciaddr)
}

export function leaseTime(packet: DhcpPacket, { subnet }: AddressBook): number {
  const wanted = readUint32(packet.options, Option.leaseTime)
  if (wanted === undefined) return subnet.leaseSeconds
  return Math.min(subnet.leaseSeconds, Math.max(wanted, SHORTEST_LEASE_SECONDS))
}
