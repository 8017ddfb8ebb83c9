/** What a REQUEST gets from the owner of the addresses: an ACK, a NAK, or silence (RFC 2131 §4.3.2). */

import { formatAddress } from './address.ts'
import {
  addressFact,
  bootFact,
  bootFileFor,
  buildAnswer,
  fixedAddress,
  leaseTime,
  ownAddress,
  requestedAddress,
  send,
} from './address-answer.ts'
import type { AddressBook, Lease } from './leases.ts'
import type { RateLimit } from './limit.ts'
import { MessageType, Option, readAddressOption, textBytes } from './options.ts'
import type { Outcome } from './policy.ts'
import { startReply } from './reply.ts'
import { ignored, type PolicySettings, servedBy, tell, type Visit } from './visit.ts'

export interface AddressSettings extends PolicySettings {
  /** How many leases that nobody remembers are believed. */
  readonly adoptions: RateLimit
}

/** The four cases of RFC 2131 §4.3.2, told apart by table 4. */
export function answerRequest(settings: AddressSettings, visit: Visit, books: AddressBook[]): Outcome[] {
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
