/**
 * Sockets that a service manager opened for us and passes as descriptors from 3 on (sd_listen_fds(3)). A program that
 * gets them needs no right to bind low ports, and the system filters packets by interface.
 */
import process from 'node:process'
import { BoottorrentError } from '../errors.ts'

/** Descriptors 0, 1 and 2 are the standard streams. */
const FIRST_DESCRIPTOR = 3

/**
 * The descriptor of the DHCP socket; undefined when none was passed, or when it was passed to another process.
 *
 * @throws BoottorrentError USAGE when something was passed that nobody here takes
 */
export function inheritedDhcpSocket(
  env: Readonly<Record<string, string | undefined>>,
  pid: number = process.pid,
): number | undefined {
  const count = Number(env.LISTEN_FDS ?? 0)
  // The variables outlive a fork; they are meant for one process.
  if (!Number.isInteger(count) || count < 1 || env.LISTEN_PID !== String(pid)) return undefined
  if (count === 1) return FIRST_DESCRIPTOR
  throw new BoottorrentError('USAGE', `${count} sockets were passed (LISTEN_FDS), and only one can be taken.`, {
    hint: 'Pass one UDP socket for DHCP: ListenDatagram=0.0.0.0:67 with BindToDevice= in the socket unit.',
  })
}
