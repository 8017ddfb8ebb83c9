/** Policy of a server that owns the addresses: RFC 2131 §4.3 with boot files. */

import { formatAddress, NO_ADDRESS } from './address.ts'
import {
  addressFact,
  bootFact,
  bootFileFor,
  buildAnswer,
  fixedAddress,
  leaseTime,
  missingBootFile,
  ownAddress,
  requestedAddress,
  send,
} from './address-answer.ts'
import type { AddressBook } from './leases.ts'
import { RateLimit } from './limit.ts'
import { MessageType, messageName, Option, readUint8 } from './options.ts'
import type { DhcpPacket } from './packet.ts'
import type { Answer, Outcome } from './policy.ts'
import { type AddressSettings, answerRequest } from './request-policy.ts'
import {
  booksOfOwner,
  candidateBooks,
  chooseBootFile,
  ignored,
  implausible,
  isIn,
  isReachableAgent,
  type PolicySettings,
  servedBy,
  startVisit,
  tell,
  type Visit,
} from './visit.ts'

/**
 * Machines that renew a lease that we know nothing of, because our records are lost, are believed, but not as many as a
 * flood of made-up ones has.
 */
const ADOPTIONS = { burst: 60, periodMs: 60_000, keys: 1 }

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
