/** What one packet tells about the machine that sent it. */
import { printable } from '../log.ts'
import { formatMac } from './address.ts'
import { Option, readEncapsulated, readText, readUint16, textOf } from './options.ts'
import type { DhcpPacket } from './packet.ts'

/** Firmware as option 93 names it; `unknown` for a code we do not know and for machines that are not network booting. */
export type Firmware = 'bios' | 'uefi-ia32' | 'uefi-x64' | 'uefi-arm32' | 'uefi-arm64' | 'uefi-riscv64' | 'unknown'

/** What one packet tells of the machine that sent it. All of it is what the machine says. */
export interface PxeClient {
  /** Hardware address, `52:54:00:12:34:56`. */
  readonly mac: string
  /** Option 97 as `dmidecode` shows it, `00112233-4455-…`; undefined when it is missing or says nothing. */
  readonly uuid: string | undefined
  /** Option 93: the first code the client lists. */
  readonly architecture: number | undefined
  readonly firmware: Firmware
  /** Whether iPXE speaks (option 77 or 175), which is given a script and never another iPXE. */
  readonly ipxe: boolean
  /** Whether it wants the boot file as a URL (UEFI HTTP boot). */
  readonly httpBoot: boolean
  /** Whether it asks to be booted at all: PXE, HTTP boot or iPXE. */
  readonly netboot: boolean
  /** Option 60, safe to show. */
  readonly vendorClass: string | undefined
  /** Option 12, only when it is a proper host name. */
  readonly hostname: string | undefined
}

/** Option 60 of our question for other servers: our own server hears it as well, and leaves the answer to them. */
export const PROBE_CLASS = 'boottorrent:probe'

interface Architecture {
  readonly firmware: Firmware
  readonly http: boolean
}

/**
 * Option 93 (RFC 4578 §2.1 and IANA's "Processor Architecture Types"). RFC 4578 swapped 7 and 9, firmware uses both for
 * x64: they are the same to us.
 */
const ARCHITECTURES: ReadonlyMap<number, Architecture> = new Map([
  [0, { firmware: 'bios', http: false }],
  [6, { firmware: 'uefi-ia32', http: false }],
  [7, { firmware: 'uefi-x64', http: false }],
  [9, { firmware: 'uefi-x64', http: false }],
  [10, { firmware: 'uefi-arm32', http: false }],
  [11, { firmware: 'uefi-arm64', http: false }],
  [15, { firmware: 'uefi-ia32', http: true }],
  [16, { firmware: 'uefi-x64', http: true }],
  [18, { firmware: 'uefi-arm32', http: true }],
  [19, { firmware: 'uefi-arm64', http: true }],
  [20, { firmware: 'bios', http: true }],
  [27, { firmware: 'uefi-riscv64', http: false }],
  [28, { firmware: 'uefi-riscv64', http: true }],
])

export function describeClient(packet: DhcpPacket): PxeClient {
  const vendorClass = readText(packet.options, Option.vendorClass)
  const architecture = readArchitecture(packet)
  const known = architecture === undefined ? undefined : ARCHITECTURES.get(architecture)
  const ipxe = isIpxe(packet)
  const httpBoot = vendorClass?.startsWith('HTTPClient') ?? false
  return {
    mac: macOf(packet),
    uuid: readUuid(packet),
    architecture,
    firmware: known?.firmware ?? 'unknown',
    ipxe,
    httpBoot,
    netboot: ipxe || httpBoot || (vendorClass?.startsWith('PXEClient') ?? false),
    vendorClass: vendorClass === undefined ? undefined : printable(vendorClass),
    hostname: readHostname(packet),
  }
}

export function macOf(packet: DhcpPacket): string {
  return formatMac(packet.chaddr.subarray(0, packet.hlen))
}

/** Option 93 is a list of two-byte codes; the first one counts (RFC 4578 §2.1). */
function readArchitecture(packet: DhcpPacket): number | undefined {
  const data = packet.options.get(Option.architecture)
  if (data !== undefined && data.length >= 2 && data.length % 2 === 0) {
    return (data[0] as number) * 256 + (data[1] as number)
  }
  // Firmware that leaves 93 out still says it in its class: PXEClient:Arch:00007:UNDI:003016 (PXE 2.1).
  const named = /^(?:PXE|HTTP)Client:Arch:(\d{5})\b/.exec(readText(packet.options, Option.vendorClass) ?? '')
  return named?.[1] === undefined ? undefined : Number(named[1])
}

/** iPXE marks itself twice; either mark is enough. */
function isIpxe(packet: DhcpPacket): boolean {
  const userClass = packet.options.get(Option.userClass)
  if (userClass !== undefined && textOf(userClass) === 'iPXE') return true
  // RFC 3004 wants a length before each class, and some builds follow it.
  if (userClass !== undefined && userClass[0] === 4 && textOf(userClass.subarray(1, 5)) === 'iPXE') return true
  return packet.options.has(Option.ipxe)
}

/**
 * Option 97: type 0 and 16 bytes (RFC 4578 §2.3). Firmware sends them as they lie in its tables, where the first three
 * fields are little-endian (SMBIOS 2.6, System UUID); people know the machine by the text that `dmidecode` shows.
 */
function readUuid(packet: DhcpPacket): string | undefined {
  const data = packet.options.get(Option.machineIdentifier)
  if (data?.length !== 17 || data[0] !== 0) return undefined
  const bytes = data.subarray(1)
  // A machine without a serial number sends zeros or ones: no identity.
  if (bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 255)) return undefined
  const hex = (start: number, end: number) => formatMac(bytes.subarray(start, end)).replaceAll(':', '')
  const reversed = (start: number, end: number) => formatMac(bytes.slice(start, end).reverse()).replaceAll(':', '')
  return [reversed(0, 4), reversed(4, 6), reversed(6, 8), hex(8, 10), hex(10, 16)].join('-')
}

/** A host name as RFC 1123 §2.1 allows it; anything else is as good as none, for it would reach screens and files. */
function readHostname(packet: DhcpPacket): string | undefined {
  const name = readText(packet.options, Option.hostname)
  if (name === undefined || name.length > 253) return undefined
  const labels = name.split('.')
  return labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)) ? name : undefined
}

/** The largest UDP payload that the client takes (option 57 counts the IP and UDP headers too, RFC 2132 §9.10). */
export function replyLimit(packet: DhcpPacket): number {
  const HEADERS = 28
  const smallest = 576
  const largest = 1500
  const said = readUint16(packet.options, Option.maximumSize) ?? smallest
  return Math.min(Math.max(said, smallest), largest) - HEADERS
}

/** PXE options inside option 43 of a client; undefined when there are none or they are broken. */
export function readPxeOptions(packet: DhcpPacket): ReturnType<typeof readEncapsulated> {
  const data = packet.options.get(Option.vendorSpecific)
  return data === undefined ? undefined : readEncapsulated(data)
}
