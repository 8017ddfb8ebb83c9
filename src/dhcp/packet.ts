/**
 * The DHCP packet, bytes ↔ object (RFC 2131 §2, options RFC 2132, long options RFC 3396).
 *
 * `decode` never throws: whatever bytes come off the network become a packet or a reason. Options keep their raw bytes;
 * options.ts reads them with their types.
 */
import { NO_ADDRESS, readAddress, writeAddress } from './address.ts'

export const BOOTREQUEST = 1
export const BOOTREPLY = 2

/** Bit of `flags`: the client cannot receive unicast before it has its address (RFC 2131 §4.1). */
export const BROADCAST_FLAG = 0x8000

/** Options by their code. One that came in several parts is one, joined in order (RFC 3396 §7). */
export type DhcpOptions = Map<number, Uint8Array>

/** A DHCP message (RFC 2131 §2). Addresses are text like `192.0.2.1`; `0.0.0.0` is none. */
export interface DhcpPacket {
  /** BOOTREQUEST or BOOTREPLY. */
  op: number
  /** Hardware type; 1 is Ethernet. */
  htype: number
  /** How many bytes of `chaddr` count, 0 to 16. */
  hlen: number
  /** Relay agents passed. */
  hops: number
  /** Transaction, chosen by the client. */
  xid: number
  /** Seconds since the client began, as it says. */
  secs: number
  flags: number
  /** The client's own address, when it has one. */
  ciaddr: string
  /** "Your" address: what the server gives. */
  yiaddr: string
  /** The server of the next step, for us the TFTP server. */
  siaddr: string
  /** The relay agent's address; `0.0.0.0` when there is none. */
  giaddr: string
  /** The 16 bytes of the hardware address field. */
  chaddr: Uint8Array
  /** The server host name field, at most 64 bytes; empty when it held options or nothing. */
  sname: Uint8Array
  /** The boot file name field, at most 128 bytes; empty when it held options or nothing. */
  file: Uint8Array
  options: DhcpOptions
}

/** A packet, or why the bytes are none. */
export type Decoded = { packet: DhcpPacket; reason?: undefined } | { packet?: undefined; reason: string }

const SNAME = { offset: 44, length: 64 }
const FILE = { offset: 108, length: 128 }
const COOKIE_OFFSET = 236
const COOKIE = [99, 130, 83, 99]
const OPTIONS_OFFSET = 240
/** BOOTP packets are at least this long (RFC 1542 §2.1); some old firmware drops shorter ones. */
const SHORTEST_PACKET = 300

const PAD = 0
const END = 255
const OVERLOAD = 52
const RELAY_INFORMATION = 82

const EMPTY = new Uint8Array(0)

/** Reads one datagram. Never throws, whatever the bytes are. */
export function decode(bytes: Uint8Array): Decoded {
  if (bytes.length < OPTIONS_OFFSET) return { reason: `shorter than ${OPTIONS_OFFSET} bytes` }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const op = view.getUint8(0)
  if (op !== BOOTREQUEST && op !== BOOTREPLY) return { reason: `op ${op} is neither request nor reply` }
  const hlen = view.getUint8(2)
  if (hlen > 16) return { reason: `hardware address length ${hlen} is more than the field holds` }
  if (COOKIE.some((byte, index) => bytes[COOKIE_OFFSET + index] !== byte)) return { reason: 'no magic cookie' }

  const options: DhcpOptions = new Map()
  const broken = readOptions(bytes.subarray(OPTIONS_OFFSET), options)
  if (broken !== undefined) return { reason: broken }

  let sname = bytes.subarray(SNAME.offset, SNAME.offset + SNAME.length)
  let file = bytes.subarray(FILE.offset, FILE.offset + FILE.length)

  // RFC 2132 §9.3: 1 = `file` holds options, 2 = `sname` does, 3 = both; `file` comes first.
  const overload = options.get(OVERLOAD)
  if (overload !== undefined) {
    const fields = overload[0] ?? 0
    if (overload.length !== 1 || fields < 1 || fields > 3) return { reason: 'option 52 (overload) is not 1, 2 or 3' }
    options.delete(OVERLOAD)
    const brokenFile = fields & 1 ? readOptions(file, options) : undefined
    if (brokenFile !== undefined) return { reason: `${brokenFile}, in the file field` }
    const brokenSname = fields & 2 ? readOptions(sname, options) : undefined
    if (brokenSname !== undefined) return { reason: `${brokenSname}, in the sname field` }
    if (options.has(OVERLOAD)) return { reason: 'option 52 (overload) inside an overloaded field' }
    if (fields & 1) file = EMPTY
    if (fields & 2) sname = EMPTY
  }

  return {
    packet: {
      op,
      htype: view.getUint8(1),
      hlen,
      hops: view.getUint8(3),
      xid: view.getUint32(4),
      secs: view.getUint16(8),
      flags: view.getUint16(10),
      ciaddr: readAddress(bytes, 12),
      yiaddr: readAddress(bytes, 16),
      siaddr: readAddress(bytes, 20),
      giaddr: readAddress(bytes, 24),
      chaddr: bytes.subarray(28, 44),
      sname: emptyIfZero(sname),
      file: emptyIfZero(file),
      options,
    },
  }
}

/** Reads one field of options into `options`; answers what is wrong with it, if something is. */
function readOptions(field: Uint8Array, options: DhcpOptions): string | undefined {
  // Parts are joined at the end, all at once: a packet can have thousands.
  const inParts = new Map<number, Uint8Array[]>()
  let offset = 0
  while (offset < field.length) {
    const code = field[offset] as number
    offset += 1
    if (code === PAD) continue
    // Whatever follows the end is padding of the packet. A missing end is harmless: all servers in use accept it.
    if (code === END) break
    const length = field[offset]
    if (length === undefined) return `option ${code} has no length`
    offset += 1
    if (offset + length > field.length) return `option ${code} runs past the end`
    const part = field.subarray(offset, offset + length)
    const before = options.get(code)
    if (before === undefined) options.set(code, part)
    else if (length > 0) partsOf(code, before, inParts).push(part)
    offset += length
  }
  for (const [code, parts] of inParts) options.set(code, join(parts))
  return undefined
}

function partsOf(code: number, first: Uint8Array, inParts: Map<number, Uint8Array[]>): Uint8Array[] {
  const parts = inParts.get(code) ?? [first]
  inParts.set(code, parts)
  return parts
}

export interface EncodeOptions {
  /** The most bytes the packet may have, UDP payload. Default: as long as needed. */
  limit?: number
}

/** The bytes of a packet, and what was left out of them. */
export interface Encoded {
  bytes: Uint8Array
  /** Codes of the options that found no room. */
  dropped: number[]
}

/**
 * The bytes of a packet. Options that do not fit into `limit` go to the `file` and `sname` fields where these are free
 * (option 52), and are left out when there is no room there either; so the important ones come first.
 */
export function encode(packet: DhcpPacket, { limit = 65_507 }: EncodeOptions = {}): Encoded {
  let needed = 0
  for (const data of packet.options.values()) needed += optionLength(data)
  return OPTIONS_OFFSET + needed + 1 <= limit ? encodeWhole(packet, needed) : encodeWithin(packet, limit)
}

/** Nearly always everything fits. */
function encodeWhole(packet: DhcpPacket, needed: number): Encoded {
  const bytes = new Uint8Array(Math.max(OPTIONS_OFFSET + needed + 1, SHORTEST_PACKET))
  writeHeader(bytes, packet)
  bytes.set(packet.sname.subarray(0, SNAME.length), SNAME.offset)
  bytes.set(packet.file.subarray(0, FILE.length), FILE.offset)
  let offset = OPTIONS_OFFSET
  for (const [code, data] of packet.options) offset = writeOption(bytes, offset, code, data)
  bytes[offset] = END
  return { bytes, dropped: [] }
}

/**
 * Uses the fields that are free (option 52), in the order in which they are read. A relay agent cannot go on without its
 * information: it has room before all others, and is the last, outside of those fields (RFC 3046 §2.2).
 */
function encodeWithin(packet: DhcpPacket, limit: number): Encoded {
  const overload = { fields: 0, length: 3 }
  const relayInformation = packet.options.get(RELAY_INFORMATION)
  const mainEnd = limit - overload.length
  const reserved = relayInformation === undefined ? 0 : optionLength(relayInformation)
  const isEchoed = relayInformation !== undefined && OPTIONS_OFFSET + reserved + 1 <= mainEnd
  const main = { offset: OPTIONS_OFFSET, end: isEchoed ? mainEnd - reserved : mainEnd, bit: 0 }
  const file = { offset: FILE.offset, end: FILE.offset + (packet.file.length === 0 ? FILE.length : 0), bit: 1 }
  const sname = { offset: SNAME.offset, end: SNAME.offset + (packet.sname.length === 0 ? SNAME.length : 0), bit: 2 }
  const bytes = new Uint8Array(Math.max(limit, SHORTEST_PACKET))
  writeHeader(bytes, packet)
  bytes.set(packet.sname.subarray(0, SNAME.length), SNAME.offset)
  bytes.set(packet.file.subarray(0, FILE.length), FILE.offset)

  const dropped: number[] = []
  for (const [code, data] of packet.options) {
    if (code === RELAY_INFORMATION) {
      if (!isEchoed) dropped.push(code)
      continue
    }
    // One byte of every field is kept for its end mark.
    const field = [main, file, sname].find(({ offset, end }) => offset + optionLength(data) + 1 <= end)
    if (field === undefined) dropped.push(code)
    else {
      field.offset = writeOption(bytes, field.offset, code, data)
      overload.fields |= field.bit
    }
  }
  for (const field of [file, sname]) if (overload.fields & field.bit) bytes[field.offset] = END
  if (overload.fields !== 0) main.offset = writeOption(bytes, main.offset, OVERLOAD, Uint8Array.of(overload.fields))
  if (isEchoed) main.offset = writeOption(bytes, main.offset, RELAY_INFORMATION, relayInformation)
  bytes[main.offset] = END
  return { bytes: bytes.subarray(0, Math.max(main.offset + 1, SHORTEST_PACKET)), dropped }
}

function writeHeader(bytes: Uint8Array, packet: DhcpPacket): void {
  const view = new DataView(bytes.buffer)
  view.setUint8(0, packet.op)
  view.setUint8(1, packet.htype)
  view.setUint8(2, packet.hlen)
  view.setUint8(3, packet.hops)
  view.setUint32(4, packet.xid)
  view.setUint16(8, packet.secs)
  view.setUint16(10, packet.flags)
  writeAddress(bytes, 12, packet.ciaddr)
  writeAddress(bytes, 16, packet.yiaddr)
  writeAddress(bytes, 20, packet.siaddr)
  writeAddress(bytes, 24, packet.giaddr)
  bytes.set(packet.chaddr.subarray(0, 16), 28)
  bytes.set(COOKIE, COOKIE_OFFSET)
}

/** A packet with nothing in it but a kind and a transaction. */
export function emptyPacket(op: number, xid: number): DhcpPacket {
  return {
    op,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid,
    secs: 0,
    flags: 0,
    ciaddr: NO_ADDRESS,
    yiaddr: NO_ADDRESS,
    siaddr: NO_ADDRESS,
    giaddr: NO_ADDRESS,
    chaddr: new Uint8Array(16),
    sname: EMPTY,
    file: EMPTY,
    options: new Map(),
  }
}

/** An option longer than 255 bytes is several in a row, each with code and length (RFC 3396 §5). */
function optionLength(data: Uint8Array): number {
  return data.length + 2 * Math.max(1, Math.ceil(data.length / 255))
}

/** Answers the offset behind the option. */
function writeOption(bytes: Uint8Array, start: number, code: number, data: Uint8Array): number {
  if (data.length <= 255) return writePart(bytes, start, code, data)
  let offset = start
  for (let from = 0; from < data.length; from += 255) {
    offset = writePart(bytes, offset, code, data.subarray(from, from + 255))
  }
  return offset
}

function writePart(bytes: Uint8Array, start: number, code: number, part: Uint8Array): number {
  bytes[start] = code
  bytes[start + 1] = part.length
  // Most options are a few bytes long, where a loop beats `set` by far.
  for (let index = 0; index < part.length; index++) bytes[start + 2 + index] = part[index] as number
  return start + 2 + part.length
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

function emptyIfZero(field: Uint8Array): Uint8Array {
  for (const byte of field) if (byte !== 0) return field
  return EMPTY
}
