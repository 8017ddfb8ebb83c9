/** TFTP packets between bytes and objects: RFC 1350 section 5, RFC 2347 (option acknowledgement). Total: nothing here throws on bytes. */

/** Opcodes, RFC 1350 section 5 and RFC 2347. */
const RRQ = 1
const WRQ = 2
const DATA = 3
const ACK = 4
const ERROR = 5
const OACK = 6

/** Error codes, RFC 1350 appendix and RFC 2347. */
export const ErrorCode = {
  undefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransferId: 5,
  fileExists: 6,
  noSuchUser: 7,
  optionRefused: 8,
} as const

/** One option as it stands in a request: the name in the client's own spelling, the value still text. */
export interface Option {
  readonly name: string
  readonly value: string
}

/** RRQ or WRQ (RFC 1350 §5), with its options (RFC 2347). The mode is in lower case. */
export interface RequestPacket {
  readonly kind: 'RRQ' | 'WRQ'
  readonly file: string
  readonly mode: string
  readonly options: readonly Option[]
}
/** DATA: one block. Block numbers wrap after 65535. */
export interface DataPacket {
  readonly kind: 'DATA'
  readonly block: number
  readonly data: Uint8Array
}
/** ACK: everything up to this block has arrived. */
export interface AckPacket {
  readonly kind: 'ACK'
  readonly block: number
}
/** ERROR: ends a transfer. */
export interface ErrorPacket {
  readonly kind: 'ERROR'
  readonly code: number
  readonly message: string
}
/** OACK: the options that are accepted (RFC 2347). */
export interface OptionAckPacket {
  readonly kind: 'OACK'
  readonly options: readonly Option[]
}
/** Any TFTP packet. */
export type Packet = RequestPacket | DataPacket | AckPacket | ErrorPacket | OptionAckPacket

/** Bytes that are no TFTP packet, and why. */
export interface Malformed {
  readonly kind: 'malformed'
  readonly reason: string
}

/** Bytes of opcode and block number before the data of a DATA packet. */
export const DATA_HEADER = 4

/** No sane request has more; the rest is not looked at. */
const MAX_OPTIONS = 16

/** Reads one datagram. */
export function decodePacket(bytes: Uint8Array): Packet | Malformed {
  if (bytes.length < 4) return malformed('shorter than 4 bytes')
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const opcode = buffer.readUInt16BE(0)
  switch (opcode) {
    case ACK:
      return { kind: 'ACK', block: buffer.readUInt16BE(2) }
    case DATA:
      return { kind: 'DATA', block: buffer.readUInt16BE(2), data: buffer.subarray(DATA_HEADER) }
    case ERROR:
      return { kind: 'ERROR', code: buffer.readUInt16BE(2), message: textUpToNul(buffer, 4) }
    case RRQ:
    case WRQ:
      return decodeRequest(opcode === RRQ ? 'RRQ' : 'WRQ', buffer)
    case OACK: {
      const options = pairs(strings(buffer.subarray(2)))
      return options.length > 0 ? { kind: 'OACK', options } : malformed('OACK without an option')
    }
    default:
      return malformed('unknown opcode')
  }
}

function decodeRequest(kind: 'RRQ' | 'WRQ', buffer: Buffer): RequestPacket | Malformed {
  const [file, mode, ...rest] = strings(buffer.subarray(2))
  if (file === undefined) return malformed('file name without an end')
  if (mode === undefined) return malformed('mode without an end')
  return { kind, file, mode: mode.toLowerCase(), options: pairs(rest) }
}

/** The NUL-terminated strings of a request; what follows the last NUL is not one. */
function strings(buffer: Buffer): string[] {
  const found: string[] = []
  let start = 0
  while (found.length < 2 + 2 * MAX_OPTIONS) {
    const end = buffer.indexOf(0, start)
    if (end < 0) break
    found.push(buffer.toString('utf8', start, end))
    start = end + 1
  }
  return found
}

/** Names and values in turn. Some firmware pads its request with NULs: an empty name ends the list. */
function pairs(texts: readonly string[]): Option[] {
  const options: Option[] = []
  for (let at = 0; at + 1 < texts.length; at += 2) {
    const name = texts[at] as string
    if (name === '') break
    options.push({ name, value: texts[at + 1] as string })
  }
  return options
}

function textUpToNul(buffer: Buffer, start: number): string {
  const end = buffer.indexOf(0, start)
  return buffer.toString('utf8', start, end < 0 ? buffer.length : end)
}

function malformed(reason: string): Malformed {
  return { kind: 'malformed', reason }
}

/** Writes one packet. A NUL inside a text would end it early and is left out. */
export function encodePacket(packet: Packet): Buffer {
  switch (packet.kind) {
    case 'RRQ':
    case 'WRQ':
      return Buffer.concat([
        words(packet.kind === 'RRQ' ? RRQ : WRQ),
        text(packet.file),
        text(packet.mode),
        ...packet.options.flatMap(optionTexts),
      ])
    case 'DATA':
      return Buffer.concat([words(DATA, packet.block), packet.data])
    case 'ACK':
      return words(ACK, packet.block)
    case 'ERROR':
      return Buffer.concat([words(ERROR, packet.code), text(packet.message)])
    case 'OACK':
      return Buffer.concat([words(OACK), ...packet.options.flatMap(optionTexts)])
  }
}

/** Writes the header of DATA into the first four bytes of a packet that is used again and again. Block numbers wrap after 65535. */
export function writeDataHeader(packet: Buffer, block: number): void {
  packet.writeUInt16BE(DATA, 0)
  packet.writeUInt16BE(block & 0xffff, 2)
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(2 * values.length)
  values.forEach((value, index) => {
    buffer.writeUInt16BE(value & 0xffff, 2 * index)
  })
  return buffer
}

function text(value: string): Buffer {
  return Buffer.from(`${value.replaceAll('\0', '')}\0`, 'utf8')
}

function optionTexts(option: Option): Buffer[] {
  return [text(option.name), text(option.value)]
}
