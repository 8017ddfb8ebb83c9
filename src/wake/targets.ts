/** Which machines a person means. */
import { nearest } from '../environment/nearest.ts'
import { BoottorrentError } from '../errors.ts'

/** A machine that has a name. */
export interface NamedMachine {
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  readonly name: string
}

/**
 * The MAC addresses of the machines that the words name: MAC addresses in any of the usual ways of writing, or names.
 *
 * @throws BoottorrentError USAGE when a word is neither
 */
export function chooseMachines(words: readonly string[], named: readonly NamedMachine[]): string[] {
  const macs = words.flatMap((word) => {
    const mac = readMac(word)
    if (mac !== undefined) return [mac]
    const found = named.filter(({ name }) => name.toLowerCase() === word.toLowerCase())
    if (found.length === 0) throw unknown(word, named)
    return found.map((machine) => machine.mac)
  })
  return [...new Set(macs)]
}

/** `52:54:00:12:34:56`, `52-54-00-12-34-56`, `5254.0012.3456` and `525400123456` are the same. */
function readMac(word: string): string | undefined {
  const isWritten = /^([0-9a-f]{2}([:-][0-9a-f]{2}){5}|[0-9a-f]{4}(\.[0-9a-f]{4}){2}|[0-9a-f]{12})$/i.test(word)
  if (!isWritten) return undefined
  const digits = word.replaceAll(/[^0-9a-f]/gi, '').toLowerCase()
  return digits.match(/../g)?.join(':')
}

function unknown(word: string, named: readonly NamedMachine[]): BoottorrentError {
  const names = [...new Set(named.map(({ name }) => name))]
  const meant = nearest(word, names)
  const known = names.length === 0 ? 'No machine has a name yet' : `Known are ${names.slice(0, 20).join(', ')}`
  const hint = `${meant === undefined ? '' : `Did you mean ${meant}? `}${known}; a MAC address like 52:54:00:12:34:56 always does.`
  return new BoottorrentError('USAGE', `"${word}" is neither a MAC address nor the name of a machine.`, { hint })
}
