import { refused } from './aria2-failures.ts'
import type { Aria2Log } from './aria2-log.ts'
import type { Damage } from './damage.ts'
import type { Peer } from './traffic.ts'

/** How far a download is. Sizes in bytes, speeds in bytes per second. */
export interface DownloadStatus {
  readonly completed: number
  readonly total: number
  readonly downloadSpeed: number
  readonly uploadSpeed: number
  readonly uploaded: number
  /** Machines we are connected to, and how many of them have everything. */
  readonly peers: number
  readonly seeders: number
  /** Every piece is there, and matched its hash. */
  readonly isComplete: boolean
  /** While what an earlier attempt left is being checked: how much of it is. Undefined at all other times. */
  readonly verified: number | undefined
  /** How many pieces there are, and which of them are here, in aria2's hexadecimal digits. */
  readonly pieces: number
  readonly bitfield: string
  /** Announce URLs of the torrent. */
  readonly trackers: readonly string[]
  /** What the tracker said last, when it said no. */
  readonly trackerProblem: string | undefined
  /** What the tracker wants people to know: it may be over by now. */
  readonly trackerWarning: string | undefined
  /** What came with a wrong hash so far. */
  readonly damage: Damage
}

/** What is asked for. */
export const STATUS_KEYS = [
  'status',
  'completedLength',
  'totalLength',
  'downloadSpeed',
  'uploadSpeed',
  'uploadLength',
  'connections',
  'numSeeders',
  'seeder',
  'numPieces',
  'bitfield',
  'verifiedLength',
  'verifyIntegrityPending',
  'errorCode',
  'errorMessage',
  'bittorrent',
] as const

/** aria2 writes numbers as text. */
export type RpcStatus = { readonly [key in Exclude<(typeof STATUS_KEYS)[number], 'bittorrent'>]?: string } & {
  readonly bittorrent?: { readonly announceList?: readonly (readonly string[])[] }
}

export function toStatus(rpc: RpcStatus, log: Aria2Log): DownloadStatus {
  if (rpc.status === 'error') throw refused(Number(rpc.errorCode), rpc.errorMessage ?? '', log)
  const completed = Number(rpc.completedLength ?? 0)
  const total = Number(rpc.totalLength ?? 0)
  return {
    completed,
    total,
    downloadSpeed: Number(rpc.downloadSpeed ?? 0),
    uploadSpeed: Number(rpc.uploadSpeed ?? 0),
    uploaded: Number(rpc.uploadLength ?? 0),
    peers: Number(rpc.connections ?? 0),
    seeders: Number(rpc.numSeeders ?? 0),
    isComplete: total > 0 && completed === total && (rpc.seeder === 'true' || rpc.status === 'complete'),
    verified: verifiedBytes(rpc),
    pieces: Number(rpc.numPieces ?? 0),
    bitfield: rpc.bitfield ?? '',
    trackers: rpc.bittorrent?.announceList?.flat() ?? [],
    trackerProblem: log.trackerProblem,
    trackerWarning: log.trackerWarning,
    damage: log.damage,
  }
}

/** aria2 has these two only while it checks, or waits for its turn to. */
function verifiedBytes({ verifiedLength, verifyIntegrityPending }: RpcStatus): number | undefined {
  if (verifiedLength !== undefined) return Number(verifiedLength)
  return verifyIntegrityPending === 'true' ? 0 : undefined
}

/** One entry of aria2.getPeers. */
export interface RpcPeer {
  readonly ip: string
  readonly downloadSpeed: string
  readonly uploadSpeed: string
  readonly bitfield: string
}

export function toPeer({ ip, downloadSpeed, uploadSpeed, bitfield }: RpcPeer): Peer {
  return { address: ip, down: Number(downloadSpeed), up: Number(uploadSpeed), bitfield }
}
