/** Policy of a server that owns the addresses: RFC 2131 §4.3 with boot files. */
import { addressNumber, formatAddress, NO_ADDRESS, parseAddress } from './address.ts'
import type { BootAnswer, DhcpFact } from './events.ts'
import type { AddressBook, Lease } from './leases.ts'
import { RateLimit } from './limit.ts'
import { MessageType, messageName, Option, readAddressOption, readUint8, readUint32, textBytes } from './options.ts'
import type { DhcpPacket } from './packet.ts'
import type { Answer, Outcome } from './policy.ts'
import { addBootOptions } from './pxe.ts'
import { addLeaseTimes, addNetworkOptions, addressed, type Reply, startReply } from './reply.ts'
import {
  type BootChoice,
  booksOfOwner,
  candidateBooks,
  chooseBootFile,
  ignored,
  implausible,
  isIn,
  isReachableAgent,
  NOTHING_TO_BOOT,
  type PolicySettings,
  type Reservation,
  servedBy,
  startVisit,
  tell,
  type Visit,
} from './visit.ts'

/** A machine may ask for a shorter lease, but not for one that it would renew all the time. */
const SHORTEST_LEASE_SECONDS = 120

/**
 * Machines that renew a lease that we know nothing of, because our records are lost, are believed, but not as many as a
 * flood of made-up ones has.
 */
const ADOPTIONS = { burst: 60, periodMs: 60_000, keys: 1 }

interface AddressSettings extends PolicySettings {
  readonly adoptions: RateLimit
}

export function createAddressPolicy(policySettings: PolicySettings): Answer {
  const adoptions = new RateLimit({ ...ADOPTIONS, clock: policySettings.clock })
  const settings: AddressSettings = { ...policySettings, adoptions }
  return (packet, arrival) => {
    const visit = startVisit(packet, arrival)
    const objection = implausible(visit, settings)
    if (objection !== undefined) return ignored(visit, objection)
    const type = readUint8(packet.options, Option.messageType)
    const isOwner = type === MessageType.request || type === MessageType.release || type === MessageType.inform
    const books = (isOwner ? booksOfOwner : candidateBooks)(visit, settings.books)
    if (books.length === 0) return ignored(visit, 'it is in no network that is served here')
    if (!mayAnswerAgent(settings, packet))
      return ignored(visit, 'its relay agent is in no network that can be answered')
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

/** The link that an agent selects (RFC 3527) says where the machine is, and nothing of where the agent is. */
function mayAnswerAgent(settings: PolicySettings, { giaddr }: DhcpPacket): boolean {
  if (giaddr === NO_ADDRESS || settings.books.some((book) => isIn(book, giaddr))) return true
  return isReachableAgent(giaddr, settings)
}

function answerDiscover(settings: PolicySettings, visit: Visit, books: AddressBook[]): Outcome[] {
  const reservation = settings.reservations(visit.client)
  const outcomes: Outcome[] = [tell('discover', visit.fact)]
  for (const book of books) {
    const fixed = fixedAddress(reservation, book)
    const requested = requestedAddress(visit.packet)
    const { boot, missing } = bootFileFor(settings, visit, book)
    const address = book.offer(visit.client.mac, { fixed, requested, returning: visit.arrival.returning })
    if (missing !== undefined) outcomes.push(missingBootFile(visit, book, missing, address))
    if (address === undefined) {
      const hasPool = book.subnet.first !== undefined
      if (hasPool && book.tellsFull())
        outcomes.push(tell('pool-exhausted', { ...visit.fact, interface: servedBy(visit, book).name }))
      continue
    }
    const leaseSeconds = leaseTime(visit.packet, book)
    const reply = buildAnswer(visit, book, MessageType.offer, { address, leaseSeconds, reservation, boot })
    const fact = { ...addressFact(visit, book, address, reservation), leaseSeconds, ...bootFact(boot) }
    outcomes.push({ ...tell('offer', fact), reply: send(visit, reply, book) })
  }
  return outcomes
}

/** The four cases of RFC 2131 §4.3.2, told apart by table 4. */
function answerRequest(settings: AddressSettings, visit: Visit, books: AddressBook[]): Outcome[] {
  const { packet, client } = visit
  const chosen = readAddressOption(packet.options, Option.serverIdentifier)
  const requested = requestedAddress(packet)
  const address = requested ?? ownAddress(packet)

  if (chosen !== undefined) {
    // SELECTING.
    const book = books.find((one) => servedBy(visit, one).address === chosen)
    if (book === undefined) return chooseAnother(settings, visit, books, chosen)
    for (const other of books) if (other !== book) other.withdraw(client.mac)
    if (address === undefined) return ignored(visit, 'it requests no address')
    // Made-up machines would else take an address with a single packet.
    if (!isExpected(settings, visit, book, address)) return refuseUnoffered(visit, book, address)
    return grantOrRefuse(settings, visit, book, address)
  }
  if (address === undefined) return ignored(visit, 'it requests no address')

  // RENEWING comes by unicast, to the server that gave the address: us, even if our records are lost. INIT-REBOOT and
  // REBINDING ask everybody.
  const home = books.find((book) => book.contains(address))
  const isOurs = visit.arrival.unicast || settings.authoritative
  if (home !== undefined && (isOurs || knows(home, client.mac, address))) {
    const isNew = home.isOpen(address, client.mac) && !isExpected(settings, visit, home, address)
    if (isNew && !settings.adoptions.allow('')) {
      return ignored(visit, 'it has an address that we know nothing of, and so have too many others')
    }
    const elsewhere = visit.arrival.interface === undefined ? books.filter((book) => book !== home) : []
    return [...grantOrRefuse(settings, visit, home, address), ...elsewhere.flatMap((book) => refuseMoved(visit, book))]
  }
  if (home !== undefined) return ignored(visit, 'it asks for an address that somebody else gave')
  return refuseStranger(settings, visit, books, address)
}

/** Whether the address was offered to the machine, is or was its own, or is reserved for it. */
function isExpected({ reservations }: PolicySettings, { client }: Visit, book: AddressBook, address: number): boolean {
  return book.isExpected(client.mac, address) || fixedAddress(reservations(client), book) === address
}

function refuseUnoffered(visit: Visit, book: AddressBook, address: number): Outcome[] {
  const asked = tell('request', { ...visit.fact, address: formatAddress(address) })
  return [asked, refuse(visit, book, `${formatAddress(address)} was not offered to this machine`)]
}

/** Also our own identifier of another interface: relay agents may ask several. */
function chooseAnother(
  { interfaces, elsewhere }: PolicySettings,
  visit: Visit,
  books: AddressBook[],
  server: string,
): Outcome[] {
  if (interfaces.some((served) => served.address === server)) return ignored(visit, 'it chose another offer of ours')
  for (const book of books) book.withdraw(visit.client.mac)
  if (elsewhere(server)) return ignored(visit, 'it chose a server of a network that is not served here')
  return [tell('other-server', { ...visit.fact, server })]
}

/** Whether it is for us to speak about this machine or this address. */
function knows(book: AddressBook, mac: string, address: number): boolean {
  return book.leaseOf(mac) !== undefined || book.isLeased(address)
}

/**
 * A machine with an address of no network that it can be in has moved (RFC 2131 §4.3.2): the sooner it hears so, the
 * sooner it asks for a new one. But one of a network beside ours may only have been overheard.
 */
function refuseStranger(
  { authoritative, elsewhere }: PolicySettings,
  visit: Visit,
  books: AddressBook[],
  address: number,
): Outcome[] {
  if (visit.arrival.unicast || elsewhere(formatAddress(address))) {
    return ignored(visit, `${formatAddress(address)} is in no network that is served here`)
  }
  const responsible = books.filter((book) => authoritative || book.leaseOf(visit.client.mac) !== undefined)
  if (responsible.length === 0) return ignored(visit, 'it asks for an address that somebody else gave')
  const asked = tell('request', { ...visit.fact, address: formatAddress(address) })
  const [first, ...others] = responsible as [AddressBook, ...AddressBook[]]
  const refusal = refuse(visit, first, `${formatAddress(address)} is of another network`)
  return [asked, refusal, ...others.flatMap((book) => refuseMoved(visit, book))]
}

/** A broadcast may have come from any interface. Those that the address does not fit say so, unheard by a machine that is where it thinks. */
function refuseMoved(visit: Visit, book: AddressBook): Outcome[] {
  const { reply } = refuse(visit, book, 'the address is of another network')
  return reply === undefined ? [] : [{ reply }]
}

function grantOrRefuse(settings: PolicySettings, visit: Visit, book: AddressBook, address: number): Outcome[] {
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
  const { boot } = bootFileFor(settings, visit, book)
  const reply = buildAnswer(visit, book, MessageType.ack, { address, leaseSeconds, reservation, boot })
  const fact = { ...addressFact(visit, book, address, reservation), leaseSeconds, ...bootFact(boot) }
  return [asked, { ...tell('ack', fact), record: lease, reply: send(visit, reply, book) }]
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
  const served = servedBy(visit, book)
  const reply = startReply(visit.packet, MessageType.nak, served)
  reply.options.set(Option.message, textBytes(reason))
  return { ...tell('nak', { ...visit.fact, interface: served.name, reason }), reply: send(visit, reply, book) }
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
  const book = books.find((one) => isIn(one, packet.ciaddr)) ?? (books[0] as AddressBook)
  if (packet.ciaddr === NO_ADDRESS) return ignored(visit, 'INFORM without an address to answer to')
  if (!isIn(book, packet.ciaddr)) return ignored(visit, 'its address is in no network that is served here')
  const { boot } = bootFileFor(settings, visit, book)
  const reservation = settings.reservations(visit.client)
  const reply = buildAnswer(visit, book, MessageType.ack, { reservation, boot })
  const fact = { ...visit.fact, address: packet.ciaddr, ...bootFact(boot) }
  return [{ ...tell('inform', fact), reply: send(visit, reply, book) }]
}

/**
 * A client from before DHCP (RFC 951, no option 53). It never renews, so it would keep an address of the pool for ever:
 * it gets one that is reserved for it, or none.
 */
function answerBootp(settings: PolicySettings, visit: Visit, books: AddressBook[]): Outcome[] {
  const reservation = settings.reservations(visit.client)
  for (const book of books) {
    const address = fixedAddress(reservation, book)
    if (address === undefined || !book.isOpen(address, visit.client.mac, address)) continue
    const { boot } = chooseBootFile(settings, visit, servedBy(visit, book))
    const reply = buildAnswer(visit, book, undefined, { address, reservation, boot })
    const fact = { ...addressFact(visit, book, address, reservation), ...bootFact(boot) }
    return [{ ...tell('offer', fact), reply: send(visit, reply, book) }]
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
  const reply = startReply(packet, type, servedBy(visit, book))
  // RFC 2131 table 3: an ACK repeats ciaddr, an OFFER does not.
  if (type !== MessageType.offer) reply.ciaddr = packet.ciaddr
  if (address !== undefined) reply.yiaddr = formatAddress(address)
  if (leaseSeconds !== undefined) addLeaseTimes(reply, leaseSeconds)
  if (boot !== undefined) addBootOptions(reply, packet, client, boot, 'address')
  addNetworkOptions(reply, book.subnet, reservation?.hostname)
  return reply
}

function send(visit: Visit, reply: DhcpPacket, book: AddressBook): Reply {
  return addressed(visit.packet, reply, book.subnet, servedBy(visit, book))
}

/** Only who asks to be booted is told what. */
function bootFileFor(settings: PolicySettings, visit: Visit, book: AddressBook): BootChoice {
  return visit.client.netboot ? chooseBootFile(settings, visit, servedBy(visit, book)) : NOTHING_TO_BOOT
}

function missingBootFile(visit: Visit, book: AddressBook, missing: string, address: number | undefined): Outcome {
  const offered = address === undefined ? {} : { address: formatAddress(address) }
  return tell('no-boot-file', { ...visit.fact, interface: servedBy(visit, book).name, ...offered, missing })
}

function bootFact(boot: BootAnswer | undefined): Pick<DhcpFact, 'boot'> {
  return boot === undefined ? {} : { boot }
}

function addressFact(visit: Visit, book: AddressBook, address: number, reservation: Reservation | undefined) {
  const hostname = reservation?.hostname ?? visit.client.hostname
  const named = hostname === undefined ? {} : { hostname }
  return { ...visit.fact, interface: servedBy(visit, book).name, address: formatAddress(address), ...named }
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
