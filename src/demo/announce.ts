/** Announces to a tracker by HTTP (BEP 3, compact answers BEP 23). */
import bencode from 'bencode'
import { type AnnounceQuery, announceRequestUrl } from '../announce-query.ts'
import { readAddress } from '../dhcp/address.ts'
import { HttpClient } from './http-client.ts'

export interface Announce extends Omit<AnnounceQuery, 'wanted'> {
  readonly tracker: string
  /** Where we listen. */
  readonly address: string
}

export interface PeerAddress {
  readonly address: string
  readonly port: number
}

const PEERS_WANTED = 30

/** @returns the peers that the tracker tells of. @throws Error when it says no, or nothing */
export async function announce(what: Announce): Promise<PeerAddress[]> {
  using http = new HttpClient(what.address)
  const url = announceRequestUrl(what.tracker, { ...what, wanted: PEERS_WANTED })
  const answer = bencode.decode(await http.fetch(url)) as { [key: string]: unknown }
  const { 'failure reason': refusal, peers } = answer
  if (refusal instanceof Uint8Array) throw new Error(`the tracker says: ${Buffer.from(refusal)}`)
  return peers instanceof Uint8Array ? readPeers(peers) : []
}

/** Six bytes each: an IPv4 address and a port. */
function readPeers(bytes: Uint8Array): PeerAddress[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / 6) }, (_, index) => {
    return { address: readAddress(bytes, index * 6), port: view.getUint16(index * 6 + 4) }
  })
}
