/** Policy of a server that owns the addresses: RFC 2131 §4.3 with boot files. */
import { addressNumber, formatAddress, NO_ADDRESS, parseAddress } from './address.ts'
import type { BootAnswer, DhcpFact } from './events.ts'
import type { AddressBook, Lease } from './leases.ts'
import { MessageType, messageName, Option, readAddressOption, readUint8, readUint32, textBytes } from './options.ts'
import type { DhcpPacket } from './packet.ts'
import type { Answer, Outcome } from './policy.ts'
import { addBootOptions } from './pxe.ts'
import { addLeaseTimes, addNetworkOptions, addressed, startReply } from './reply.ts'
import {
  candidateBooks,
  ignored,
  implausible,
  type PolicySettings,
  type Reservation,
  startVisit,
  tell,
  type Visit,
} from './visit.ts'

/** A machine may ask for a shorter lease, but not for one that it would renew all the time. */
const SHORTEST_LEASE_SECONDS = 120

export function createAddressPolicy(settings: PolicySettings): Answer {
  return (packet, arrival) => {
    const visit = startVisit(packet, arrival)
    const objection = implausible(visit, settings.interfaces)
    if (objection !== undefined) return ignored(visit, objection)
    const books = candidateBooks(visit, settings.books)
    if (books.length === 0) return ignored(visit, 'it is in no network that is served here')
    const type = readUint8(packet.options, Option.messageType)
    switch (type) {
      case undefined:
        return answerBootp(settings, visit, books)
      case MessageType.discover:
        return answerDiscover(settings, visit, books)
      case MessageType.request:
        return answerRequest(settings, visit, books)
      case MessageType.decline:
        return takeDecline(visit, books)
      case MessageType.release:
        return takeRelease(visit, books)
      case MessageType.inform:
        return answerInform(settings, visit, books)
      default:
        return ignored(visit, `${messageName(type)} is nothing that a client sends`)
    }
  }
}

function answerDiscover(settings: PolicySettings, visit: Visit, books: AddressBook[]): Outcome[] {
  const reservation = settings.reservations(visit.client)
  const boot = bootFileFor(settings, visit)
  const outcomes: Outcome[] = [tell('discover', visit.fact), ...missingBootFile(visit, boot)]
  for (const book of books) {
    const fixed = fixedAddress(reservation, book)
    const requested = requestedAddress(visit.packet)
    const address = book.offer(visit.client.mac, { fixed, requested })
    if (address === undefined) {
      const hasPool = book.subnet.first !== undefined
      if (hasPool) outcomes.push(tell('pool-exhausted', { ...visit.fact, interface: book.subnet.interface.name }))
      continue
    }
    const leaseSeconds = leaseTime(visit.packet, book)
    const reply = buildAnswer(visit, book, MessageType.offer, { address, leaseSeconds, reservation, boot })
    const fact = { ...addressFact(visit, book, address, reservation), leaseSeconds, ...bootFact(boot) }
    outcomes.push({ ...tell('offer', fact), reply: addressed(visit.packet, reply, book.subnet) })
  }
  return outcomes
}

/** The four cases of RFC 2131 §4.3.2, told apart by table 4. */
function answerRequest(settings: PolicySettings, visit: Visit, books: AddressBook[]): Outcome[] {
  const { packet } = visit
  const chosen = readAddressOption(packet.options, Option.serverIdentifier)
  const requested = requestedAddress(packet)

  if (chosen !== undefined) {
    const book = books.find(({ subnet }) => subnet.interface.address === chosen)
    for (const other of books) if (other !== book) other.withdraw(visit.client.mac)
    if (book === undefined) return [tell('other-server', { ...visit.fact, server: chosen })]
    const address = requested ?? ownAddress(packet)
    if (address === undefined) return ignored(visit, 'it requests no address')
    // SELECTING: our offer was chosen.
    return grantOrRefuse(settings, visit, book, address, { known: true })
  }
  if (requested !== undefined) {
    // INIT-REBOOT: the machine remembers an address, and asks whoever gave it.
    return books.flatMap((book) =>
      grantOrRefuse(settings, visit, book, requested, { known: knows(book, visit.client.mac, requested) }),
    )
  }
  const own = ownAddress(packet)
  if (own === undefined) return ignored(visit, 'it requests no address')
  // RENEWING comes by unicast, to the server that gave the address: us, even if our records are lost. REBINDING is a
  // broadcast to everybody.
  const renewing = visit.arrival.unicast
  return books.flatMap((book) =>
    grantOrRefuse(settings, visit, book, own, { known: renewing || knows(book, visit.client.mac, own) }),
  )
}

/** Whether it is for us to speak about this machine or this address. */
function knows(book: AddressBook, mac: string, address: number): boolean {
  return book.leaseOf(mac) !== undefined || book.isLeased(address)
}

function grantOrRefuse(
  settings: PolicySettings,
  visit: Visit,
  book: AddressBook,
  address: number,
  { known }: { known: boolean },
): Outcome[] {
  if (!known && !settings.authoritative) return ignored(visit, 'it asks for an address that somebody else gave')
  const asked = tell('request', { ...visit.fact, address: formatAddress(address) })
  const reservation = settings.reservations(visit.client)
  const fixed = fixedAddress(reservation, book)
  const refusal = reasonToRefuse(book, visit.client.mac, address, fixed)
  if (refusal !== undefined) return [asked, refuse(visit, book, refusal)]

  const leaseSeconds = leaseTime(visit.packet, book)
  const lease: Lease = {
    address,
    mac: visit.client.mac,
    hostname: reservation?.hostname ?? visit.client.hostname,
    expires: settings.clock() + leaseSeconds * 1000,
  }
  book.commit(lease)
  const boot = bootFileFor(settings, visit)
  const reply = buildAnswer(visit, book, MessageType.ack, { address, leaseSeconds, reservation, boot })
  const fact = { ...addressFact(visit, book, address, reservation), leaseSeconds, ...bootFact(boot) }
  return [asked, { ...tell('ack', fact), record: lease, reply: addressed(visit.packet, reply, book.subnet) }]
}

function reasonToRefuse(
  book: AddressBook,
  mac: string,
  address: number,
  fixed: number | undefined,
): string | undefined {
  if (fixed !== undefined && address !== fixed && book.isOpen(fixed, mac, fixed)) {
    return `${formatAddress(fixed)} is reserved for this machine`
  }
  const lease = book.leaseOf(mac)
  if (lease !== undefined && lease.address !== address && book.offerOf(mac) !== address) {
    return `this machine has ${formatAddress(lease.address)}`
  }
  return book.isOpen(address, mac, fixed) ? undefined : `${formatAddress(address)} is not to be had`
}

function refuse(visit: Visit, book: AddressBook, reason: string): Outcome {
  const reply = startReply(visit.packet, MessageType.nak, book.subnet.interface)
  reply.options.set(Option.message, textBytes(reason))
  const fact = { ...visit.fact, interface: book.subnet.interface.name, reason }
  return { ...tell('nak', fact), reply: addressed(visit.packet, reply, book.subnet) }
}

function takeDecline(visit: Visit, books: AddressBook[]): Outcome[] {
  const address = requestedAddress(visit.packet)
  for (const book of books) {
    const declined = address === undefined ? undefined : book.decline(visit.client.mac, address)
    if (address === undefined || declined === undefined) continue
    return [{ ...tell('decline', { ...visit.fact, address: formatAddress(address) }), record: declined.record }]
  }
  return ignored(visit, 'it declines an address that it does not have from here')
}

function takeRelease(visit: Visit, books: AddressBook[]): Outcome[] {
  const address = ownAddress(visit.packet)
  for (const book of books) {
    const record = address === undefined ? undefined : book.release(visit.client.mac, address)
    if (record === undefined) continue
    return [{ ...tell('release', { ...visit.fact, address: formatAddress(record.address) }), record }]
  }
  return ignored(visit, 'it gives back an address that it does not have from here')
}

/** The machine has an address and wants the rest (RFC 2131 §4.3.5): neither an address nor a lease is answered. */
function answerInform(settings: PolicySettings, visit: Visit, books: AddressBook[]): Outcome[] {
  const { packet } = visit
  const book = books[0] as AddressBook
  if (packet.ciaddr === NO_ADDRESS) return ignored(visit, 'INFORM without an address to answer to')
  const boot = bootFileFor(settings, visit)
  const reservation = settings.reservations(visit.client)
  const reply = buildAnswer(visit, book, MessageType.ack, { reservation, boot })
  const fact = { ...visit.fact, address: packet.ciaddr, ...bootFact(boot) }
  return [{ ...tell('inform', fact), reply: addressed(packet, reply, book.subnet) }]
}

/**
 * A client from before DHCP (RFC 951, no option 53). It never renews, so it would keep an address of the pool for ever:
 * it gets one that is reserved for it, or none.
 */
function answerBootp(settings: PolicySettings, visit: Visit, books: AddressBook[]): Outcome[] {
  const reservation = settings.reservations(visit.client)
  const boot = settings.bootFile(visit.client)
  for (const book of books) {
    const address = fixedAddress(reservation, book)
    if (address === undefined || !book.isOpen(address, visit.client.mac, address)) continue
    const reply = buildAnswer(visit, book, undefined, { address, reservation, boot })
    const fact = { ...addressFact(visit, book, address, reservation), ...bootFact(boot) }
    return [{ ...tell('offer', fact), reply: addressed(visit.packet, reply, book.subnet) }]
  }
  return ignored(visit, 'a BOOTP client without a reserved address')
}

interface Contents {
  address?: number
  leaseSeconds?: number
  reservation: Reservation | undefined
  boot: BootAnswer | undefined
}

/** The answer's options stand in the order of their importance: what does not fit into the packet is left out. */
function buildAnswer(visit: Visit, book: AddressBook, type: number | undefined, contents: Contents): DhcpPacket {
  const { packet, client } = visit
  const { address, leaseSeconds, reservation, boot } = contents
  const reply = startReply(packet, type, book.subnet.interface)
  // RFC 2131 table 3: an ACK repeats ciaddr, an OFFER does not.
  if (type !== MessageType.offer) reply.ciaddr = packet.ciaddr
  if (address !== undefined) reply.yiaddr = formatAddress(address)
  if (leaseSeconds !== undefined) addLeaseTimes(reply, leaseSeconds)
  if (boot !== undefined) addBootOptions(reply, packet, client, boot, 'address')
  addNetworkOptions(reply, book.subnet, reservation?.hostname)
  return reply
}

function bootFileFor(settings: PolicySettings, { client }: Visit): BootAnswer | undefined {
  return client.netboot ? settings.bootFile(client) : undefined
}

function missingBootFile({ client, fact }: Visit, boot: BootAnswer | undefined): Outcome[] {
  return client.netboot && boot === undefined ? [tell('no-boot-file', fact)] : []
}

function bootFact(boot: BootAnswer | undefined): Pick<DhcpFact, 'boot'> {
  return boot === undefined ? {} : { boot }
}

function addressFact(visit: Visit, book: AddressBook, address: number, reservation: Reservation | undefined) {
  const hostname = reservation?.hostname ?? visit.client.hostname
  const named = hostname === undefined ? {} : { hostname }
  return { ...visit.fact, interface: book.subnet.interface.name, address: formatAddress(address), ...named }
}

/** The reserved address, if it lies in this subnet. */
function fixedAddress(reservation: Reservation | undefined, book: AddressBook): number | undefined {
  const address = reservation?.address === undefined ? undefined : parseAddress(reservation.address)
  return address !== undefined && book.contains(address) ? address : undefined
}

function requestedAddress(packet: DhcpPacket): number | undefined {
  const requested = readAddressOption(packet.options, Option.requestedAddress)
  return requested === undefined || requested === NO_ADDRESS ? undefined : addressNumber(requested)
}

function ownAddress(packet: DhcpPacket): number | undefined {
  return packet.ciaddr === NO_ADDRESS ? undefined : addressNumber(packet.ciaddr)
}

function leaseTime(packet: DhcpPacket, { subnet }: AddressBook): number {
  const wanted = readUint32(packet.options, Option.leaseTime)
  if (wanted === undefined) return subnet.leaseSeconds
  return Math.min(subnet.leaseSeconds, Math.max(wanted, SHORTEST_LEASE_SECONDS))
}
