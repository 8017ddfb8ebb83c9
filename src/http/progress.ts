import { isIPv4 } from 'node:net'
import type { ClientPeer, ClientProgress } from '../../client/contract.ts'

const PEERS = 16
/** One petabyte, and as much in a second: what is more is no download of a classroom. */
const LARGEST = 1e15

/** Reads the numbers of a report. A text is what is wrong with them. */
export function parseProgress(value: unknown): ClientProgress | string {
  if (typeof value !== 'object' || value === null) return 'progress is not an object.'
  const given = value as Record<string, unknown>
  const names = ['done', 'total', 'down', 'up', 'fromServer', 'fromPeers'] as const
  for (const name of names) if (!isCount(given[name])) return `progress.${name} is not a whole number of bytes.`
  const { done, total, down, up, fromServer, fromPeers, pieces } = given as unknown as ClientProgress
  if (done > total) return 'progress.done is more than progress.total.'
  if (pieces !== undefined && !/^[0-9a-f]{16}$/.test(String(pieces)))
    return 'progress.pieces is not 16 hexadecimal digits.'
  const peers = parsePeers(given.peers)
  if (typeof peers === 'string') return peers
  const numbers = { done, total, down, up, fromServer, fromPeers, peers }
  return pieces === undefined ? numbers : { ...numbers, pieces: String(pieces) }
}

function parsePeers(value: unknown): ClientPeer[] | string {
  if (!Array.isArray(value)) return 'progress.peers is not a list.'
  if (value.length > PEERS) return `progress.peers has more than ${PEERS} entries.`
  const peers: ClientPeer[] = []
  for (const entry of value as unknown[]) {
    if (typeof entry !== 'object' || entry === null) return 'progress.peers has an entry that is not an object.'
    const { address, down, up, progress } = entry as Record<string, unknown>
    if (typeof address !== 'string' || !isIPv4(address)) return 'progress.peers has an address that is not IPv4.'
    if (!isCount(down) || !isCount(up)) return 'progress.peers has a speed that is not a whole number.'
    if (!isCount(progress) || progress > 100) return 'progress.peers has a progress that is not a whole percent.'
    peers.push({ address, down, up, progress })
  }
  return peers
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= LARGEST
}
