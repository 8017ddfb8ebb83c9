/** What an announce says, as far as it matters for whether it is accepted. */
export interface AnnounceFacts {
  readonly infoHash: string
  /** Where it came from. */
  readonly ip: string
  readonly port: number
}

/** Peers of one swarm that one address may have: a machine has one, a host with containers or a NAT has some more. */
export const PEERS_PER_ADDRESS = 64

/**
 * Why an announce is refused; undefined when it is welcome.
 *
 * @param isTracked whether the info-hash is one of ours
 * @param known `ip:port` of the peers that the swarm has
 */
export function refusalOf(
  { infoHash, ip, port }: AnnounceFacts,
  isTracked: (infoHash: string) => boolean,
  known: readonly string[],
): string | undefined {
  if (!isTracked(infoHash)) return 'this info-hash is not tracked here'
  // bittorrent-tracker packs the port into two bytes without a check, and dies of 6881.5.
  if (!Number.isInteger(port) || port < 1 || port > 65535) return 'the port is no whole number from 1 to 65535'
  if (known.includes(`${ip}:${port}`)) return undefined
  const fromThere = known.filter((peer) => peer.startsWith(`${ip}:`)).length
  return fromThere >= PEERS_PER_ADDRESS ? 'too many peers have this address' : undefined
}
