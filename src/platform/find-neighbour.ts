/** Finds the MAC address behind an IPv4 address; undefined when the system does not know, or does not say. */
export type FindNeighbour = (address: string) => string | undefined

/** Milliseconds between two readings at most: a program is started for each. */
const EVERY = 2000

/**
 * For systems whose table a program has to be asked for: answers come from the last reading at once, and a new one is begun when
 * somebody asks and the last one is old. So the first question about a machine may have no answer.
 *
 * @param read MAC addresses by IPv4 addresses
 * @param now milliseconds of any steady clock
 */
export function polledNeighbours(read: () => Promise<ReadonlyMap<string, string>>, now: () => number): FindNeighbour {
  let known: ReadonlyMap<string, string> = new Map()
  let begun = Number.NEGATIVE_INFINITY
  return (address) => {
    if (now() - begun >= EVERY) {
      begun = now()
      read().then(
        (found) => {
          known = found
        },
        () => {},
      )
    }
    return known.get(address)
  }
}

/** `0:1a:2B:3:4:5` and `00-1A-…` as `00:1a:2b:03:04:05`; undefined for what is no MAC address of a machine. */
export function macOf(text: string): string | undefined {
  const bytes = text.toLowerCase().split(/[:-]/)
  if (bytes.length !== 6 || !bytes.every((byte) => /^[0-9a-f]{1,2}$/.test(byte))) return undefined
  const mac = bytes.map((byte) => byte.padStart(2, '0')).join(':')
  // The lowest bit of the first byte marks groups, broadcast among them.
  const isGroup = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1
  return isGroup || mac === '00:00:00:00:00:00' ? undefined : mac
}
