/** One packet, with everything that is known about its sender before it is answered. */
import { addressNumber, isPrivate, NO_ADDRESS } from './address.ts'
import { describeClient, PROBE_CLASS, type PxeClient } from './client.ts'
import type { BootAnswer, DhcpEventMap, DhcpFact, MissingBootFile } from './events.ts'
import type { AddressBook } from './leases.ts'
import { Option, readEncapsulated } from './options.ts'
import { BOOTREQUEST, type DhcpPacket } from './packet.ts'
import type { Arrival, Outcome } from './policy.ts'
import { inNetwork, type ServedInterface } from './subnet.ts'

/** What is fixed for a machine. */
export interface Reservation {
  readonly address?: string
  readonly hostname?: string
}

export interface PolicySettings {
  readonly interfaces: readonly ServedInterface[]
  /** One for each subnet. */
  readonly books: readonly AddressBook[]
  readonly bootFile: (client: PxeClient, served: ServedInterface) => BootAnswer | MissingBootFile | undefined
  readonly reservations: (client: PxeClient) => Reservation | undefined
  /** Whether we alone decide about addresses here, and may refuse those that we know nothing of. */
  readonly authoritative: boolean
  /** Whether an address lies in a network of this computer that is not served. */
  readonly elsewhere: (address: string) => boolean
  /** Whether a hardware address is one of this computer. */
  readonly isOwn: (mac: string) => boolean
  /** Milliseconds since 1970. */
  readonly clock: () => number
}

export interface Visit {
  readonly packet: DhcpPacket
  readonly arrival: Arrival
  readonly client: PxeClient
  readonly fact: DhcpFact
}

export function startVisit(packet: DhcpPacket, arrival: Arrival): Visit {
  const client = describeClient(packet)
  const fact = { mac: client.mac, client, interface: arrival.interface?.name }
  return { packet, arrival, client, fact }
}

/** Why a packet cannot come from a machine or relay agent in its senses; undefined when it can. */
export function implausible({ packet, client }: Visit, { interfaces, isOwn }: PolicySettings): string | undefined {
  if (packet.op !== BOOTREQUEST) return 'a reply, not a request'
  if (packet.htype !== 1 || packet.hlen !== 6)
    return `hardware type ${packet.htype} with ${packet.hlen} bytes is not Ethernet`
  const mac = packet.chaddr.subarray(0, 6)
  if (mac.every((byte) => byte === 0) || (mac[0] as number) & 1)
    return 'the hardware address is not that of one machine'
  if (client.vendorClass === PROBE_CLASS && isOwn(client.mac)) return 'we asked that ourselves, to see who else answers'
  if (packet.hops > 16) return 'passed through more than 16 relay agents'
  if (interfaces.some((served) => served.address === packet.giaddr)) return 'the relay agent uses our own address'
  const messageType = packet.options.get(Option.messageType)
  if (messageType !== undefined && messageType.length !== 1) return 'option 53 (message type) is not one byte'
  return undefined
}

/**
 * The subnets a machine may be in. A relay agent says which one (RFC 2131 §4.3.1; RFC 3527 for the link selection). A
 * broadcast without one may have come from any served interface: an offer is made on each, and the machine's choice tells
 * where it is.
 */
export function candidateBooks({ packet, arrival }: Visit, books: readonly AddressBook[]): AddressBook[] {
  if (packet.giaddr !== NO_ADDRESS) return books.filter((book) => isIn(book, selectedLink(packet)))
  const { interface: served } = arrival
  const direct = books.filter(({ subnet }) => !subnet.relayed)
  return served === undefined ? direct : direct.filter(({ subnet }) => subnet.interface.address === served.address)
}

/**
 * The subnets that an address which the machine has may belong to. Machines behind a relay agent renew without it, by
 * unicast: what is heard at an address or interface of ours may come from their networks too.
 */
export function booksOfOwner(visit: Visit, books: readonly AddressBook[]): AddressBook[] {
  const { packet, arrival } = visit
  if (packet.giaddr !== NO_ADDRESS || packet.ciaddr === NO_ADDRESS) return candidateBooks(visit, books)
  const home = books.filter((book) => isIn(book, packet.ciaddr))
  if (arrival.unicast) return home
  const behindRelay = arrival.interface === undefined ? [] : home.filter(({ subnet }) => subnet.relayed)
  return behindRelay.length > 0 ? behindRelay : candidateBooks(visit, books)
}

/** Our interface, and with it our identifier, in the conversation with a machine of this subnet. */
export function servedBy({ arrival }: Visit, { subnet }: AddressBook): ServedInterface {
  return subnet.relayed ? (arrival.interface ?? subnet.interface) : subnet.interface
}

export function isIn(book: AddressBook, address: string): boolean {
  return inNetwork(book.subnet, addressNumber(address))
}

/**
 * Whether an answer to a relay agent at this address stays where it belongs. The agent's address may be made up, and nobody
 * on the Internet or in a network of this computer that is not served is to get what he did not ask for.
 */
export function isReachableAgent(address: string, { elsewhere }: Pick<PolicySettings, 'elsewhere'>): boolean {
  return isPrivate(addressNumber(address)) && !elsewhere(address)
}

const LINK_SELECTION = 5

function selectedLink(packet: DhcpPacket): string {
  const information = packet.options.get(Option.relayInformation)
  const link = information === undefined ? undefined : readEncapsulated(information)?.get(LINK_SELECTION)
  return link?.length === 4 ? link.join('.') : packet.giaddr
}

/** What a machine boots, or what is missing for it; neither when it does not boot. */
export interface BootChoice {
  readonly boot?: BootAnswer
  readonly missing?: string
}

export const NOTHING_TO_BOOT: BootChoice = {}

export function chooseBootFile(settings: PolicySettings, { client }: Visit, served: ServedInterface): BootChoice {
  const found = settings.bootFile(client, served)
  if (found === undefined) return { missing: 'a boot file for its kind' }
  return 'missing' in found ? { missing: found.missing } : { boot: found }
}

export function tell<Name extends keyof DhcpEventMap>(name: Name, fact: DhcpEventMap[Name][0]): Outcome {
  return { event: { name, fact } as NonNullable<Outcome['event']> }
}

export function ignored({ client, arrival }: Visit, reason: string): Outcome[] {
  const from = `${arrival.from.address}:${arrival.from.port}`
  return [tell('ignored', { reason, from, mac: client.mac })]
}
