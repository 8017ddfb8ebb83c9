/** A packet as one line for a person. */
import { printable } from '../log.ts'
import { NO_ADDRESS } from './address.ts'
import { describeClient } from './client.ts'
import { messageName, Option, readAddressOption, readText, readUint8, readUint32, textOf } from './options.ts'
import { BOOTREPLY, BROADCAST_FLAG, type DhcpPacket } from './packet.ts'

/** `DISCOVER 52:54:00:00:00:02 xid 5a… firmware bios, iPXE`: the facts that matter when a boot goes wrong. */
export function summary(packet: DhcpPacket): string {
  const { options } = packet
  const client = describeClient(packet)
  const words = [messageName(readUint8(options, Option.messageType)), client.mac, `xid ${hex(packet.xid)}`]

  const say = (label: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '' && value !== NO_ADDRESS) words.push(`${label} ${printable(String(value))}`)
  }
  say('ciaddr', packet.ciaddr)
  say('yiaddr', packet.yiaddr)
  say('siaddr', packet.siaddr)
  say('relay', packet.giaddr)
  say('requests', readAddressOption(options, Option.requestedAddress))
  say('server', readAddressOption(options, Option.serverIdentifier))
  say('lease', readUint32(options, Option.leaseTime))
  say('file', readText(options, Option.bootFile) ?? textOf(packet.file))
  say('name', client.hostname)
  say('class', client.vendorClass)
  say('message', readText(options, Option.message))
  if (client.architecture !== undefined && packet.op !== BOOTREPLY) words.push(`firmware ${client.firmware}`)
  if (client.ipxe && packet.op !== BOOTREPLY) words.push('iPXE')
  if (packet.flags & BROADCAST_FLAG) words.push('broadcast')
  return words.join(', ')
}

function hex(xid: number): string {
  return xid.toString(16).padStart(8, '0')
}
