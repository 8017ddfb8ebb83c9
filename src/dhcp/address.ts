/** IPv4 addresses as text (`172.30.0.1`) outside, and as unsigned 32-bit numbers where they are counted or masked. */

export const NO_ADDRESS = '0.0.0.0'
export const LIMITED_BROADCAST = '255.255.255.255'

const ZERO = 48
const DOT = 46

/** The number of a dotted address; undefined when the text is not exactly four decimal bytes. */
export function parseAddress(text: string): number | undefined {
  let value = 0
  let bytes = 0
  let byte = -1
  for (let index = 0; index <= text.length; index++) {
    const character = text.charCodeAt(index)
    if (character >= ZERO && character <= ZERO + 9) {
      // Another digit behind a zero: 010 is eight to some and ten to others.
      if (byte === 0) return undefined
      byte = (byte < 0 ? 0 : byte) * 10 + character - ZERO
      if (byte > 255) return undefined
    } else if (byte >= 0 && (character === DOT || index === text.length)) {
      value = value * 256 + byte
      bytes += 1
      byte = -1
    } else return undefined
  }
  return bytes === 4 ? value : undefined
}

/** The number of an address that is already known to be one. */
export function addressNumber(text: string): number {
  const value = parseAddress(text)
  if (value === undefined) throw new RangeError(`${JSON.stringify(text)} is not an IPv4 address`)
  return value
}

export function formatAddress(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}

/** The four bytes at `offset` as dotted text. */
export function readAddress(bytes: Uint8Array, offset: number): string {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]]
  return (a | b | c | d) === 0 ? NO_ADDRESS : `${a}.${b}.${c}.${d}`
}

/** Writes into bytes that are zero. */
export function writeAddress(bytes: Uint8Array, offset: number, address: string): void {
  // Most addresses of a packet are not set.
  if (address === NO_ADDRESS) return
  const value = addressNumber(address)
  bytes[offset] = value >>> 24
  bytes[offset + 1] = (value >>> 16) & 255
  bytes[offset + 2] = (value >>> 8) & 255
  bytes[offset + 3] = value & 255
}

/** Whether the bits of a netmask are ones followed by zeros. */
export function isNetmask(value: number): boolean {
  const hostBits = ~value >>> 0
  return (hostBits & (hostBits + 1)) === 0
}

export function sameNetwork(a: number, b: number, netmask: number): boolean {
  return (a & netmask) === (b & netmask)
}

export function networkAddress(address: number, netmask: number): number {
  return (address & netmask) >>> 0
}

export function broadcastAddress(address: number, netmask: number): number {
  return (address | ~netmask) >>> 0
}

/** Whether one machine can have this address: not 0/8, not loopback, not multicast, reserved or broadcast. */
export function isUnicast(value: number): boolean {
  const firstByte = value >>> 24
  return firstByte !== 0 && firstByte !== 127 && firstByte < 224
}

/** RFC 1918. */
export function isPrivate(value: number): boolean {
  return value >>> 24 === 10 || value >>> 20 === 0xac1 || value >>> 16 === 0xc0a8
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function formatMac(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += text === '' ? HEX[byte] : `:${HEX[byte]}`
  return text
}

/** The bytes of `52:54:00:12:34:56` or `52-54-00-12-34-56`; undefined when the text is not a MAC address. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return undefined
  return Uint8Array.from(text.split(/[:-]/), (pair) => Number.parseInt(pair, 16))
}
