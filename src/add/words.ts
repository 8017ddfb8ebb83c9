import { splitWords } from '../environment/types.ts'
import { BoottorrentError } from '../errors.ts'

/**
 * The words of --cmdline, split as config.yaml's are.
 *
 * @throws BoottorrentError USAGE when a quotation mark is never closed
 */
export function wordsOf(cmdline: string | undefined): string[] {
  const words = splitWords(cmdline ?? '')
  if (words !== undefined) return words
  throw new BoottorrentError('USAGE', 'A quotation mark in --cmdline is never closed.', { hint: 'Close it.' })
}
