/**
 * DHCP options with their types: one code, one reader, one writer.
 *
 * A reader answers undefined when the option is missing or its length is not what the RFC says; it never throws.
 */
import { formatAddress, readAddress, writeAddress } from './address.ts'
import type { DhcpOptions } from './packet.ts'

/** Codes by name; RFC 2132 unless noted. */
export const Option = {
  netmask: 1,
  router: 3,
  dns: 6,
  hostname: 12,
  domain: 15,
  broadcast: 28,
  ntp: 42,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterList: 55,
  message: 56,
  maximumSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  tftpServerName: 66,
  bootFile: 67,
  /** RFC 3004; iPXE puts the bare text `iPXE` there. */
  userClass: 77,
  /** RFC 3046. */
  relayInformation: 82,
  /** RFC 4578 §2.1. */
  architecture: 93,
  /** RFC 4578 §2.2. */
  networkInterface: 94,
  /** RFC 4578 §2.3. */
  machineIdentifier: 97,
  /** RFC 5859. */
  tftpServerAddresses: 150,
  /** Encapsulated options of iPXE (Etherboot). */
  ipxe: 175,
  /** RFC 5071. */
  pxelinuxConfigFile: 209,
  /** RFC 5071. */
  pxelinuxPathPrefix: 210,
} as const

/** Option 53 (RFC 2132 §9.6). */
export const MessageType = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const

const MESSAGE_NAMES = ['BOOTP', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM']

/** `DISCOVER`, …; a packet without option 53 is `BOOTP`. */
export function messageName(type: number | undefined): string {
  return MESSAGE_NAMES[type ?? 0] ?? `type ${type}`
}

export function readUint8(options: DhcpOptions, code: number): number | undefined {
  const data = options.get(code)
  return data?.length === 1 ? data[0] : undefined
}

export function readUint16(options: DhcpOptions, code: number): number | undefined {
  const data = options.get(code)
  return data?.length === 2 ? (data[0] as number) * 256 + (data[1] as number) : undefined
}

export function readUint32(options: DhcpOptions, code: number): number | undefined {
  const data = options.get(code)
  if (data?.length !== 4) return undefined
  return new DataView(data.buffer, data.byteOffset, 4).getUint32(0)
}

export function readAddressOption(options: DhcpOptions, code: number): string | undefined {
  const data = options.get(code)
  return data?.length === 4 ? readAddress(data, 0) : undefined
}

/** Text up to the first NUL, which some senders put at the end. Not cleaned: see `printable` before showing it. */
export function readText(options: DhcpOptions, code: number): string | undefined {
  const data = options.get(code)
  return data === undefined ? undefined : textOf(data)
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export function textOf(data: Uint8Array): string {
  const end = data.indexOf(0)
  return decoder.decode(end < 0 ? data : data.subarray(0, end))
}

export function textBytes(text: string): Uint8Array {
  return encoder.encode(text)
}

export function uint8(value: number): Uint8Array {
  return Uint8Array.of(value)
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 255)
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

/** Seconds as an option: whole, and all ones for ever (RFC 2131 §3.3). */
export function seconds(value: number): Uint8Array {
  return uint32(value >= 0xffffffff ? 0xffffffff : Math.max(0, Math.floor(value)))
}

export function addresses(...list: readonly (string | number)[]): Uint8Array {
  const bytes = new Uint8Array(list.length * 4)
  list.forEach((address, index) => {
    writeAddress(bytes, index * 4, typeof address === 'number' ? formatAddress(address) : address)
  })
  return bytes
}

/**
 * Options inside an option, as 43, 82 and 175 hold them. Undefined when they do not fill it exactly; an end mark may
 * stand anywhere.
 */
export function readEncapsulated(data: Uint8Array): DhcpOptions | undefined {
  const options: DhcpOptions = new Map()
  let offset = 0
  while (offset < data.length) {
    const code = data[offset] as number
    if (code === 255) return options
    offset += 1
    if (code === 0) continue
    const length = data[offset]
    if (length === undefined || offset + 1 + length > data.length) return undefined
    options.set(code, data.subarray(offset + 1, offset + 1 + length))
    offset += 1 + length
  }
  return options
}

/** The bytes of options inside an option. `end`: whether an end mark closes them, as PXE wants it in option 43. */
export function encapsulate(options: Iterable<readonly [number, Uint8Array]>, { end = false } = {}): Uint8Array {
  const bytes: number[] = []
  for (const [code, data] of options) bytes.push(code, data.length, ...data)
  if (end) bytes.push(255)
  return Uint8Array.from(bytes)
}
