/** What the system itself knows of the machines on its networks: its table of IPv4 neighbours (ARP). */
import { readFileSync } from 'node:fs'

/** Finds the MAC address behind an IPv4 address; undefined when the system does not know, or does not say. */
export type FindNeighbour = (address: string) => string | undefined

/** As proc_net_arp(5) describes it. Other systems have no such file, and then nobody is known. */
const TABLE = '/proc/net/arp'
/** Bit of the flags for an entry that was answered (ATF_COM). */
const COMPLETE = 2

export function findNeighbour(address: string, table: string = TABLE): string | undefined {
  let text: string
  try {
    // A file of the kernel's: it is made from memory when it is read.
    text = readFileSync(table, 'latin1')
  } catch {
    return undefined
  }
  for (const line of text.split('\n').slice(1)) {
    const [ip, , flags, mac] = line.split(/\s+/)
    if (ip === address && mac !== undefined && (Number(flags) & COMPLETE) !== 0) return mac.toLowerCase()
  }
  return undefined
}
