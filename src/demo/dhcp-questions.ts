/** What firmware, iPXE, Phase-1 and a system that runs ask for by DHCP; see docs/boot.md. */
import {
  addresses,
  encapsulate,
  MessageType,
  Option,
  readAddressOption,
  readText,
  textBytes,
  uint8,
  uint16,
} from '../dhcp/options.ts'
import { BOOTREQUEST, BROADCAST_FLAG, type DhcpPacket, emptyPacket } from '../dhcp/packet.ts'

/** A machine that asks. */
export interface Asking {
  /** 6 bytes. */
  readonly mac: Uint8Array
  readonly firmware: 'bios' | 'uefi-x64'
  readonly hostname: string
}

/** Which of a machine's programs asks. */
export type Program = 'firmware' | 'ipxe' | 'phase1' | 'system'

/** What a server gave. */
export interface Lease {
  readonly address: string
  /** Where the boot file is. */
  readonly bootServer: string
  /** Empty when there is none. */
  readonly bootFile: string
}

/** Option 93 (RFC 4578 §2.1). */
const ARCHITECTURE = { bios: 0, 'uefi-x64': 7 } as const
/** The packet size that PXE firmware accepts (option 57). */
const LARGEST_ANSWER = 1472
/** iPXE's feature list inside option 175; its server looks only whether the option is there. */
const IPXE_FEATURES: readonly (readonly [number, Uint8Array])[] = [
  [0x13, uint8(1)],
  [0x19, uint8(1)],
]

/** DHCPDISCOVER (RFC 2131 §4.4.1). */
export function discover(machine: Asking, program: Program, xid: number): DhcpPacket {
  return question(machine, program, xid, MessageType.discover)
}

/** DHCPREQUEST for what was offered (RFC 2131 §4.4.1). */
export function request(machine: Asking, program: Program, offer: DhcpPacket): DhcpPacket {
  const packet = question(machine, program, offer.xid, MessageType.request)
  const server = readAddressOption(offer.options, Option.serverIdentifier)
  packet.options.set(Option.requestedAddress, addresses(offer.yiaddr))
  if (server !== undefined) packet.options.set(Option.serverIdentifier, addresses(server))
  return packet
}

export function leaseOf(ack: DhcpPacket): Lease {
  return { address: ack.yiaddr, bootServer: ack.siaddr, bootFile: readText(ack.options, Option.bootFile) ?? '' }
}

function question({ mac, firmware, hostname }: Asking, program: Program, xid: number, type: number): DhcpPacket {
  const packet = emptyPacket(BOOTREQUEST, xid)
  packet.flags = BROADCAST_FLAG
  packet.chaddr.set(mac)
  const { options } = packet
  options.set(Option.messageType, uint8(type))
  options.set(
    Option.parameterList,
    Uint8Array.of(Option.netmask, Option.router, Option.dns, Option.hostname, Option.bootFile),
  )
  if (program === 'phase1' || program === 'system') {
    options.set(Option.hostname, textBytes(hostname))
    return packet
  }
  const architecture = ARCHITECTURE[firmware]
  const arch = String(architecture).padStart(5, '0')
  options.set(Option.maximumSize, uint16(LARGEST_ANSWER))
  options.set(Option.vendorClass, textBytes(`PXEClient:Arch:${arch}:UNDI:003016`))
  options.set(Option.architecture, uint16(architecture))
  options.set(Option.networkInterface, Uint8Array.of(1, 3, 16))
  options.set(Option.machineIdentifier, Uint8Array.of(0, ...mac, ...mac, ...mac.subarray(0, 4)))
  if (program === 'ipxe') {
    options.set(Option.userClass, textBytes('iPXE'))
    options.set(Option.ipxe, encapsulate(IPXE_FEATURES))
  }
  return packet
}
