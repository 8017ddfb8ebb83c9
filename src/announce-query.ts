/** What a peer tells a tracker by HTTP (BEP 3). Sizes are in bytes. */
export interface AnnounceQuery {
  /** 40 hexadecimal digits each. */
  readonly infoHash: string
  readonly peerId: string
  /** TCP port on which peers are welcome. */
  readonly port: number
  readonly uploaded: number
  readonly downloaded: number
  readonly left: number
  /** Peers that it wants to know of. */
  readonly wanted: number
  readonly event?: 'started' | 'completed' | 'stopped' | undefined
}

/** The address that tells it. Peers are to be listed in the compact way (BEP 23). */
export function announceRequestUrl(tracker: string, query: AnnounceQuery): string {
  const { infoHash, peerId, port, uploaded, downloaded, left, wanted, event } = query
  const numbers = { port, uploaded, downloaded, left, compact: 1, numwant: wanted }
  const words = Object.entries(numbers).map(([name, value]) => `${name}=${value}`)
  // Bytes, not text: each is escaped for itself.
  words.push(`info_hash=${escaped(infoHash)}`, `peer_id=${escaped(peerId)}`)
  if (event !== undefined) words.push(`event=${event}`)
  return `${tracker}${tracker.includes('?') ? '&' : '?'}${words.join('&')}`
}

function escaped(hexadecimal: string): string {
  return hexadecimal.replaceAll(/../g, '%$&')
}
