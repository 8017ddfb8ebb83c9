import { macOf } from '../find-neighbour.ts'

/**
 * Reads what `arp -an` prints: `? (192.168.1.1) at 0:11:22:33:44:55 on en0 ifscope [ethernet]`, with `(incomplete)` in the place
 * of an answer that has not come.
 *
 * @returns MAC addresses by IPv4 addresses
 */
export function readArp(text: string): Map<string, string> {
  const neighbours = new Map<string, string>()
  for (const [, address = '', written = ''] of text.matchAll(/^\S+ \(([\d.]+)\) at (\S+) on /gm)) {
    const mac = macOf(written)
    if (mac !== undefined) neighbours.set(address, mac)
  }
  return neighbours
}
