import { BoottorrentError } from './errors.ts'

/**
 * Refuses what is no port: UDP sockets would take 70000 for 4464 and say nothing.
 *
 * @param what the service, as `TFTP`
 * @throws BoottorrentError USAGE
 */
export function requirePortNumber(port: number, what: string): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return
  throw new BoottorrentError('USAGE', `${String(port)} is no port for ${what}.`, {
    hint: 'Give a whole number from 0, which is any free port, to 65535.',
  })
}
