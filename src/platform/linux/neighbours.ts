/** What the system itself knows of the machines on its networks: its table of IPv4 neighbours (ARP). */
import { readFileSync } from 'node:fs'
import type { FindNeighbour } from '../find-neighbour.ts'

/** As proc_net_arp(5) describes it. Other systems have no such file, and then nobody is known. */
const TABLE = '/proc/net/arp'
/** Bit of the flags for an entry that was answered (ATF_COM). */
const COMPLETE = 2

/** What was read is kept so many milliseconds: a flood of packets from strangers must not cost a reading each. */
const KEPT = 20

/**
 * @param now - Milliseconds of any steady clock.
 * @param table - Path of the system's table.
 */
export function createNeighbours(now: () => number, table: string = TABLE): FindNeighbour {
  let neighbours: ReadonlyMap<string, string> = new Map()
  let until = Number.NEGATIVE_INFINITY
  return (address) => {
    if (now() >= until) {
      neighbours = readNeighbours(table)
      until = now() + KEPT
    }
    return neighbours.get(address)
  }
}

/** MAC addresses by the IPv4 addresses that they answered for. */
function readNeighbours(table: string): Map<string, string> {
  const neighbours = new Map<string, string>()
  let text: string
  try {
    // A file of the kernel's: it is made from memory when it is read.
    text = readFileSync(table, 'latin1')
  } catch {
    return neighbours
  }
  for (const line of text.split('\n').slice(1)) {
    const [ip, , flags, mac] = line.split(/\s+/)
    const isComplete = (Number(flags) & COMPLETE) !== 0
    if (ip !== undefined && mac !== undefined && isComplete) neighbours.set(ip, mac.toLowerCase())
  }
  return neighbours
}
