/**
 * Policy beside a DHCP server that owns the addresses (PXE 2.1, proxyDHCP): we only name the boot file, on port 67 at once
 * and on port 4011 to firmware that asks there.
 */
import { addressNumber, LIMITED_BROADCAST, NO_ADDRESS, sameNetwork } from './address.ts'
import { replyLimit } from './client.ts'
import type { DhcpFact } from './events.ts'
import { MessageType, messageName, Option, readAddressOption, readUint8 } from './options.ts'
import type { Answer, Outcome } from './policy.ts'
import { addBootOptions } from './pxe.ts'
import { addressed, type Reply, startReply } from './reply.ts'
import { candidateBooks, ignored, implausible, type PolicySettings, startVisit, tell, type Visit } from './visit.ts'

export function createProxyPolicy(settings: PolicySettings): Answer {
  return (packet, arrival) => {
    const visit = startVisit(packet, arrival)
    const objection = implausible(visit, settings.interfaces)
    if (objection !== undefined) return ignored(visit, objection)
    const type = readUint8(packet.options, Option.messageType)
    if (type === MessageType.request) return hearRequest(settings, visit)
    if (type !== MessageType.discover) return ignored(visit, `${messageName(type)} is for the DHCP server, not for us`)
    if (!visit.client.netboot) return ignored(visit, 'it does not ask to be booted')

    const boot = settings.bootFile(visit.client)
    if (boot === undefined) return [tell('discover', visit.fact), tell('no-boot-file', visit.fact)]
    const outcomes: Outcome[] = [tell('discover', visit.fact)]
    for (const { subnet } of candidateBooks(visit, settings.books)) {
      const reply = startReply(packet, MessageType.offer, subnet.interface)
      addBootOptions(reply, packet, visit.client, boot, 'proxy')
      const fact: DhcpFact = { ...visit.fact, interface: subnet.interface.name }
      outcomes.push({ ...tell('proxy-offer', { ...fact, boot }), reply: addressed(packet, reply, subnet) })
    }
    return outcomes
  }
}

/** The machine takes its address from somebody: good to know who that is. */
function hearRequest({ interfaces }: PolicySettings, visit: Visit): Outcome[] {
  const server = readAddressOption(visit.packet.options, Option.serverIdentifier)
  if (server === undefined || interfaces.some(({ address }) => address === server)) {
    return ignored(visit, 'REQUEST is for the DHCP server, not for us')
  }
  return [tell('other-server', { ...visit.fact, server })]
}

/**
 * Port 4011: the machine has its address and asks for the boot file alone. Served in every mode, for some firmware asks
 * here whatever it was offered.
 */
export function createBootServerPolicy(settings: PolicySettings): Answer {
  return (packet, arrival) => {
    const visit = startVisit(packet, arrival)
    const objection = implausible(visit, settings.interfaces)
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
  const subnets = settings.books.map(({ subnet }) => subnet)
  const home = subnets.find((subnet) => sameNetwork(value, subnet.network, subnet.netmask))
  const subnet = home ?? (address === NO_ADDRESS ? subnets[0] : undefined)
  if (subnet === undefined) return undefined
  const boot = settings.bootFile(client)
  if (boot === undefined) return [tell('no-boot-file', visit.fact)]

  const answer = startReply(packet, MessageType.ack, subnet.interface)
  answer.ciaddr = packet.ciaddr
  addBootOptions(answer, packet, client, boot, 'boot-server')
  const reply: Reply = {
    packet: answer,
    limit: replyLimit(packet),
    to: address === NO_ADDRESS ? { address: LIMITED_BROADCAST, port: 'client' } : { address, port: arrival.from.port },
    from: subnet.interface,
    socket: 'proxy',
  }
  const fact = { ...visit.fact, interface: subnet.interface.name, boot }
  return [{ ...tell('proxy-offer', fact), reply }]
}
