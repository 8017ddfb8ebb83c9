/** What a seeder says to a tracker. */
import { announceByHttp } from './announce-http.ts'
import { announceByUdp } from './announce-udp.ts'

export interface Announce {
  /** Announce URL: `http:`, `https:` or `udp:`. */
  readonly tracker: string
  /** 40 hexadecimal digits each. */
  readonly infoHash: string
  readonly peerId: string
  /** IPv4 address and TCP port on which peers are welcome. The tracker takes the address from where it is asked. */
  readonly address: string
  readonly port: number
  /** Left out for those in between. */
  readonly event?: 'started' | 'stopped'
}

/**
 * Announces a seeder, which wants to know of no peer.
 *
 * @returns seconds after which the tracker wants to hear of it again, as the tracker says it: any number
 * @throws Error when the tracker does not answer in time, says no, or answers with something else
 */
export function announce(what: Announce, signal: AbortSignal): Promise<number> {
  return URL.parse(what.tracker)?.protocol === 'udp:' ? announceByUdp(what, signal) : announceByHttp(what, signal)
}
