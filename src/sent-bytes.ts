/** What the seeder has sent to each address, from counts of connections that come and go. */
import type { PeerTraffic, Seeder } from './seeder/index.ts'

/**
 * Calls back with the bytes that were sent to an address since the last call for it: about once a second while they flow, and
 * the rest when a connection ends.
 */
export function watchSentBytes(seeder: Pick<Seeder, 'on'>, onSent: (address: string, bytes: number) => void): void {
  /** What was told of each open connection. */
  const told = new Map<string, number>()

  const tell = ({ infoHash, peer, uploaded }: PeerTraffic): string => {
    const key = `${infoHash} ${peer}`
    const bytes = uploaded - (told.get(key) ?? 0)
    told.set(key, uploaded)
    if (bytes > 0) onSent(addressOf(peer), bytes)
    return key
  }
  seeder.on('traffic', (connections) => {
    for (const connection of connections) tell(connection)
  })
  seeder.on('disconnect', (connection) => told.delete(tell(connection)))
  // Its connections ended without a word, and the next ones count from zero.
  seeder.on('crash', () => told.clear())
}

/** `192.0.2.7` of `192.0.2.7:41234`. */
export function addressOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(':'))
}
