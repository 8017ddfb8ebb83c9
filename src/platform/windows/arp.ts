import { macOf } from '../find-neighbour.ts'

/**
 * Reads what `arp -a` prints: below a heading for each interface, in the language of the system, lines with an address, a MAC
 * address with hyphens and the kind of entry.
 *
 * @returns MAC addresses by IPv4 addresses
 */
export function readArp(text: string): Map<string, string> {
  const neighbours = new Map<string, string>()
  for (const [, address = '', written = ''] of text.matchAll(/^\s+(\d+\.\d+\.\d+\.\d+)\s+([\da-f-]{17})\s/gim)) {
    const mac = macOf(written)
    if (mac !== undefined) neighbours.set(address, mac)
  }
  return neighbours
}
