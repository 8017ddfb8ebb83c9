/** What a failed bind means, in words that help. */
import { BoottorrentError } from '../errors.ts'
import { findPortHolder } from './port-holder.ts'

/** @param role what the port is for, as `DHCP` */
export async function bindError(
  cause: unknown,
  address: string,
  port: number,
  role: string,
): Promise<BoottorrentError> {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return portInUse(cause, port, role)
    case 'EACCES':
    case 'EPERM':
      return new BoottorrentError('PERMISSION', `The right to use UDP port ${port} (${role}) is missing`, {
        hint: 'Start it as root (sudo), or give it the capability CAP_NET_BIND_SERVICE.',
        cause,
      })
    case 'EADDRNOTAVAIL':
      return new BoottorrentError('INTERFACE', `No interface of this machine has the address ${address}`, {
        hint: '`ip -4 address` shows the addresses; is the interface up?',
        cause,
      })
    default:
      return new BoottorrentError('INTERNAL', `UDP port ${port} (${role}) on ${address} cannot be used`, { cause })
  }
}

async function portInUse(cause: unknown, port: number, role: string): Promise<BoottorrentError> {
  const holder = await findPortHolder(port)
  if (holder === undefined) {
    return new BoottorrentError('PORT_IN_USE', `Another program already uses UDP port ${port} (${role})`, {
      hint: `Stop it; \`ss -lunp 'sport = :${port}'\`, run as root, shows which one it is.`,
      cause,
    })
  }
  const { program, pid } = holder
  return new BoottorrentError('PORT_IN_USE', `${program} (process ${pid}) already uses UDP port ${port} (${role})`, {
    hint: `Stop ${program}, or have it give the port up.`,
    cause,
  })
}
