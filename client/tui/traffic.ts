import type { ClientPeer, ClientProgress } from '../contract.ts'
import type { DownloadStatus } from './aria2-status.ts'

/** A machine that aria2 is connected to. Speeds in bytes per second. */
export interface Peer {
  /** IPv4. */
  readonly address: string
  readonly down: number
  readonly up: number
  /** Which pieces it has, as aria2 writes them: hexadecimal, the first piece in the highest bit. */
  readonly bitfield: string
}

/** Where bytes came from, as far as it is known. */
export interface Sources {
  readonly fromServer: number
  readonly fromPeers: number
}

const PARTS = 64
/** What one report carries (`ClientProgress.peers`). */
const PEERS_TOLD = 16

/**
 * Keeps count of where a download comes from. aria2 tells the speed of each peer and no totals, so what arrived between two
 * looks is divided up by the speeds of the moment: an estimate, which adds up to what is here.
 */
export class Traffic {
  private readonly server: string
  /** Undefined as long as bytes of an earlier attempt may still turn out to be there. */
  private done: number | undefined
  private fromServer = 0
  private fromPeers = 0

  /**
   * @param server IPv4 address of the host
   * @param isResumed whether bytes of an earlier attempt are here, which nobody counted
   */
  constructor(server: string, isResumed: boolean) {
    this.server = server
    this.done = isResumed ? undefined : 0
  }

  /** Takes one look after another, at least every few seconds. */
  count({ completed, verified }: DownloadStatus, peers: readonly Peer[]): void {
    // What is found by checking has not come from anybody now.
    if (this.done === undefined && (verified !== undefined || peers.length === 0)) return
    const arrived = Math.max(0, completed - (this.done ?? completed))
    this.done = completed
    const ofServer = peers.filter(({ address }) => address === this.server)
    const all = sumOf(peers)
    // Nobody sends just now: then it came from whoever could.
    const share = all > 0 ? sumOf(ofServer) / all : ofServer.length > 0 || peers.length === 0 ? 1 : 0
    const fromServer = Math.round(arrived * share)
    this.fromServer += fromServer
    this.fromPeers += arrived - fromServer
  }

  get sources(): Sources {
    const { fromServer, fromPeers } = this
    return { fromServer, fromPeers }
  }

  /** Whether the server is one of these. */
  hasServer(peers: readonly Peer[]): boolean {
    return peers.some(({ address }) => address === this.server)
  }

  /** The numbers for the host. */
  numbers(status: DownloadStatus, peers: readonly Peer[]): ClientProgress {
    const { completed: done, total, downloadSpeed: down, uploadSpeed: up, bitfield, pieces } = status
    const { fromServer, fromPeers } = this
    const busiest = [...peers].sort((one, other) => other.down + other.up - one.down - one.up).slice(0, PEERS_TOLD)
    const told = busiest.map((peer) => toClientPeer(peer, pieces))
    const numbers = { done, total, down, up, fromServer, fromPeers, peers: told }
    return pieces === 0 ? numbers : { ...numbers, pieces: summary(bitfield, pieces) }
  }
}

/**
 * 64 equal parts of a bitfield as 16 hexadecimal digits: a part is here when the piece in its middle is. Pieces come in no
 * order, so hardly a part would be whole before the download is.
 */
export function summary(bitfield: string, pieces: number): string {
  let digits = ''
  for (let digit = 0; digit < PARTS / 4; digit++) {
    let value = 0
    for (let part = digit * 4; part < digit * 4 + 4; part++)
      value = value * 2 + (hasPart(bitfield, pieces, part) ? 1 : 0)
    digits += value.toString(16)
  }
  return digits
}

function hasPart(bitfield: string, pieces: number, part: number): boolean {
  return hasPiece(bitfield, Math.floor(((part + 0.5) * pieces) / PARTS))
}

function hasPiece(bitfield: string, piece: number): boolean {
  const digit = Number.parseInt(bitfield.charAt(Math.floor(piece / 4)) || '0', 16)
  return ((digit >> (3 - (piece % 4))) & 1) === 1
}

function toClientPeer({ address, down, up, bitfield }: Peer, pieces: number): ClientPeer {
  let here = 0
  for (const digit of bitfield) here += BITS[Number.parseInt(digit, 16)] ?? 0
  return { address, down, up, progress: pieces === 0 ? 0 : Math.min(100, Math.floor((here / pieces) * 100)) }
}

/** How many bits are set in each hexadecimal digit. */
const BITS = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4]

function sumOf(peers: readonly Peer[]): number {
  return peers.reduce((sum, { down }) => sum + down, 0)
}
