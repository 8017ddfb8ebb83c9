import type { Wire } from 'webtorrent'
import type { Offence } from './offences.ts'

/** BEP 3: who asks for more at a time is cut off by most, webtorrent among them. aria2 and libtorrent ask for 16 KiB. */
const LONGEST_REQUEST = 128 * 1024
/** Nobody has to send us pieces. A bitfield (BEP 3) is the longest message, and peer exchange (BEP 11) comes next. */
const LONGEST_MESSAGE = 64 * 1024

export interface GuardedTorrent {
  readonly length: number
  readonly pieceLength: number
  readonly pieces: readonly unknown[]
}

/**
 * Watches what a peer sends (BEP 3). bittorrent-protocol survives all of it, but for one thing: it would keep as much as a
 * message says that it is long, up to 2 GiB. Whoever announces that is disconnected before.
 *
 * @param tell is called for each offence
 */
export function guardMessages(wire: Wire, torrent: GuardedTorrent, tell: (offence: Offence) => void): void {
  const { pieceLength, length, pieces } = torrent
  const longest = Math.max(LONGEST_MESSAGE, Math.ceil(pieces.length / 8) + 1)
  const isTooLong = (bytes: number) => {
    if (bytes <= longest) return false
    tell('message')
    wire.destroy()
    return true
  }
  const waitFor = wire._parse.bind(wire)
  wire._parse = (bytes, parser) => {
    // An ended connection waits for more bytes than there can be.
    if (!Number.isSafeInteger(bytes) || !isTooLong(bytes)) waitFor(bytes, parser)
  }
  // One that came with the handshake.
  if (isTooLong(wire._parserSize)) return

  wire.on('unknownmessage', () => tell('unknown'))
  wire.on('have', (piece: number) => {
    if (piece < 0 || piece >= pieces.length) tell('have')
  })
  wire.on('bitfield', ({ buffer }: { buffer: Uint8Array }) => {
    if (buffer.length !== Math.ceil(pieces.length / 8)) tell('bitfield')
  })
  wire.on('piece', () => tell('piece'))
  wire.on('request', (piece: number, offset: number, bytes: number) => {
    const size = Math.min(pieceLength, length - piece * pieceLength)
    const isThere = piece >= 0 && offset >= 0 && bytes > 0 && bytes <= LONGEST_REQUEST && offset + bytes <= size
    if (!isThere) tell('request')
  })
}
