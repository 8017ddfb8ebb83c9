/**
 * Policy beside a DHCP server that owns the addresses (PXE 2.1, proxyDHCP): we only name the boot file, on port 67 at once
 * and on port 4011 to firmware that asks there.
 */
import { addressNumber, LIMITED_BROADCAST, NO_ADDRESS, sameNetwork } from './address.ts'
import { replyLimit } from './client.ts'
import type { DhcpFact } from './events.ts'
import type { AddressBook } from './leases.ts'
import { MessageType, messageName, Option, readAddressOption, readUint8 } from './options.ts'
import type { Answer, Outcome } from './policy.ts'
import { addBootOptions } from './pxe.ts'
import { addressed, type Reply, startReply } from './reply.ts'
import {
  candidateBooks,
  chooseBootFile,
  ignored,
  implausible,
  isReachableAgent,
  type PolicySettings,
  servedBy,
  startVisit,
  tell,
  type Visit,
} from './visit.ts'

export function createProxyPolicy(settings: PolicySettings): Answer {
  return (packet, arrival) => {
    const visit = startVisit(packet, arrival)
    const objection = implausible(visit, settings)
    if (objection !== undefined) return ignored(visit, objection)
    const type = readUint8(packet.options, Option.messageType)
    if (type === MessageType.request) return hearRequest(settings, visit)
    if (type !== MessageType.discover) return ignored(visit, `${messageName(type)} is for the DHCP server, not for us`)
    if (!visit.client.netboot) return ignored(visit, 'it does not ask to be booted')

    const books = reachedBy(settings, visit)
    if (books.length === 0) return ignored(visit, 'its relay agent is in no network that can be answered')
    const outcomes: Outcome[] = [tell('discover', visit.fact)]
    for (const book of books) {
      const served = servedBy(visit, book)
      const fact: DhcpFact = { ...visit.fact, interface: served.name }
      const { boot, missing } = chooseBootFile(settings, visit, served)
      if (boot === undefined) {
        outcomes.push(noBootFile(fact, missing))
        continue
      }
      const reply = startReply(packet, MessageType.offer, served)
      addBootOptions(reply, packet, visit.client, boot, 'proxy')
      const to = addressed(packet, reply, book.subnet, served)
      outcomes.push({ ...tell('proxy-offer', { ...fact, boot }), reply: to })
    }
    return outcomes
  }
}

/**
 * Relay agents ask for machines of networks that we need not know, since somebody else gives the addresses there. They ask
 * one of our addresses, and the answer goes back from there; but to private addresses only.
 */
function reachedBy(settings: PolicySettings, visit: Visit): AddressBook[] {
  const { giaddr } = visit.packet
  const { books } = settings
  if (giaddr === NO_ADDRESS) return candidateBooks(visit, books)
  const served = visit.arrival.interface
  if (served === undefined || !isReachableAgent(giaddr, settings)) return []
  return books.filter(({ subnet }) => !subnet.relayed && subnet.interface.address === served.address).slice(0, 1)
}

/** The machine takes its address from somebody: good to know who that is. */
function hearRequest({ interfaces, elsewhere }: PolicySettings, visit: Visit): Outcome[] {
  const server = readAddressOption(visit.packet.options, Option.serverIdentifier)
  if (server === undefined || interfaces.some(({ address }) => address === server)) {
    return ignored(visit, 'REQUEST is for the DHCP server, not for us')
  }
  if (elsewhere(server)) return ignored(visit, 'it chose a server of a network that is not served here')
  return [tell('other-server', { ...visit.fact, server })]
}

/**
 * Port 4011: the machine has its address and asks for the boot file alone. Served in every mode, for some firmware asks
 * here whatever it was offered.
 */
export function createBootServerPolicy(settings: PolicySettings): Answer {
  return (packet, arrival) => {
    const visit = startVisit(packet, arrival)
    const objection = implausible(visit, settings)
    if (objection !== undefined) return ignored(visit, objection)
    const type = readUint8(packet.options, Option.messageType)
    const asks = type === MessageType.request || type === MessageType.inform || type === MessageType.discover
    if (!asks || !visit.client.netboot) return ignored(visit, 'it does not ask for a boot file')
    const reply = bootServerReply(settings, visit)
    if (reply === undefined) return ignored(visit, 'it is in no network that is served here')
    return reply
  }
}

function bootServerReply(settings: PolicySettings, visit: Visit): Outcome[] | undefined {
  const { packet, client, arrival } = visit
  const address = packet.ciaddr === NO_ADDRESS ? arrival.from.address : packet.ciaddr
  const value = addressNumber(address)
  const home = settings.books.find(({ subnet }) => sameNetwork(value, subnet.network, subnet.netmask))
  const book = home ?? (address === NO_ADDRESS ? settings.books[0] : undefined)
  if (book === undefined) return undefined
  // It was asked at one of our addresses: from there it expects the answer.
  const served = arrival.interface ?? book.subnet.interface
  const fact: DhcpFact = { ...visit.fact, interface: served.name }
  const { boot, missing } = chooseBootFile(settings, visit, served)
  if (boot === undefined) return [noBootFile(fact, missing)]

  const answer = startReply(packet, MessageType.ack, served)
  answer.ciaddr = packet.ciaddr
  addBootOptions(answer, packet, client, boot, 'boot-server')
  const reply: Reply = {
    packet: answer,
    limit: replyLimit(packet),
    to: address === NO_ADDRESS ? { address: LIMITED_BROADCAST, port: 'client' } : { address, port: arrival.from.port },
    from: served,
    socket: 'proxy',
  }
  return [{ ...tell('proxy-offer', { ...fact, boot }), reply }]
}

function noBootFile(fact: DhcpFact, missing: string | undefined): Outcome {
  return tell('no-boot-file', missing === undefined ? fact : { ...fact, missing })
}
