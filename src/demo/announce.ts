/** Announces to a tracker by HTTP (BEP 3, compact answers BEP 23). */
import bencode from 'bencode'
import { readAddress } from '../dhcp/address.ts'
import { HttpClient } from './http-client.ts'

export interface Announce {
  readonly tracker: string
  /** 40 hexadecimal digits each. */
  readonly infoHash: string
  readonly peerId: string
  /** Where we listen. */
  readonly address: string
  readonly port: number
  readonly uploaded: number
  readonly downloaded: number
  readonly left: number
  readonly event?: 'started' | 'completed' | 'stopped'
}

export interface PeerAddress {
  readonly address: string
  readonly port: number
}

const PEERS_WANTED = 30

/** @returns the peers that the tracker tells of. @throws Error when it says no, or nothing */
export async function announce(what: Announce): Promise<PeerAddress[]> {
  using http = new HttpClient(what.address)
  const answer = bencode.decode(await http.fetch(urlOf(what))) as { [key: string]: unknown }
  const { 'failure reason': refusal, peers } = answer
  if (refusal instanceof Uint8Array) throw new Error(`the tracker says: ${Buffer.from(refusal)}`)
  return peers instanceof Uint8Array ? readPeers(peers) : []
}

function urlOf({ tracker, infoHash, peerId, port, uploaded, downloaded, left, event }: Announce): string {
  const numbers = { port, uploaded, downloaded, left, compact: 1, numwant: PEERS_WANTED }
  const words = Object.entries(numbers).map(([name, value]) => `${name}=${value}`)
  // Bytes, not text: each is escaped for itself.
  words.push(`info_hash=${escaped(infoHash)}`, `peer_id=${escaped(peerId)}`)
  if (event !== undefined) words.push(`event=${event}`)
  return `${tracker}?${words.join('&')}`
}

function escaped(hexadecimal: string): string {
  return hexadecimal.replaceAll(/../g, '%$&')
}

/** Six bytes each: an IPv4 address and a port. */
function readPeers(bytes: Uint8Array): PeerAddress[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / 6) }, (_, index) => {
    return { address: readAddress(bytes, index * 6), port: view.getUint16(index * 6 + 4) }
  })
}
