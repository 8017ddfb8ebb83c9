/** What an announce says, as far as it matters for whether it is accepted. */
export interface AnnounceFacts {
  readonly port: number
  /** Whether its torrent is one of ours, was one until its files changed, or never was. */
  readonly torrent: 'tracked' | 'retired' | 'unknown'
  /** Whether the peer is in the swarm already. */
  readonly isKnown: boolean
  /** Peers that the swarm has from the same address. */
  readonly fromAddress: number
}

/** Peers of one swarm that one address may have: a machine has one, a host with containers or a NAT has some more. */
export const PEERS_PER_ADDRESS = 64

/** Why an announce is refused; undefined when it is welcome. The words reach the screen of the machine that asked. */
export function refusalOf({ port, torrent, isKnown, fromAddress }: AnnounceFacts): string | undefined {
  if (torrent === 'retired') return 'this system has changed on the server: start the machine again'
  if (torrent === 'unknown') return 'this info-hash is not tracked here'
  // bittorrent-tracker packs the port into two bytes without a check, and dies of 6881.5.
  if (!Number.isInteger(port) || port < 1 || port > 65535) return 'the port is no whole number from 1 to 65535'
  if (isKnown || fromAddress < PEERS_PER_ADDRESS) return undefined
  return 'too many peers have this address'
}
