/**
 * Sockets that a service manager opened for us and passes as descriptors from 3 on (sd_listen_fds(3)). A program that
 * gets them needs no right to bind low ports, and the system filters packets by interface.
 */
import process from 'node:process'
import type { DhcpSocket } from '../server.ts'

/** Descriptors 0, 1 and 2 are the standard streams. */
const FIRST_DESCRIPTOR = 3

/**
 * The descriptors of the DHCP sockets, one for each interface; empty when none were passed, or when they were passed to
 * another process. Of several, LISTEN_FDNAMES says which interface each is bound to.
 */
export function inheritedDhcpSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number = process.pid,
): DhcpSocket[] {
  const count = Number(env.LISTEN_FDS ?? 0)
  // The variables outlive a fork; they are meant for one process.
  if (!Number.isInteger(count) || count < 1 || env.LISTEN_PID !== String(pid)) return []
  // The name of a single one is whatever the socket unit is called, unless somebody set it.
  if (count === 1) return [{ fd: FIRST_DESCRIPTOR }]
  const names = (env.LISTEN_FDNAMES ?? '').split(':')
  return Array.from({ length: count }, (_, index) => ({
    interface: names[index] || undefined,
    fd: FIRST_DESCRIPTOR + index,
  }))
}
