import { BoottorrentError } from './errors.ts'
import { hints, platform, type Transport } from './platform/index.ts'

const DHCP = 67
const TFTP = 69

/** Firmware knows no other ports for DHCP and TFTP, and needs both: a right to the higher one alone would not do. */
function isForFirmware(port: number): boolean {
  return port >= DHCP && port <= TFTP
}

/** What a failed bind means, in words that help. `what` is the service, as `the tracker`. */
export function bindError(error: unknown, what: string, address: string, port: number): BoottorrentError {
  const { code, syscall } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException
  const place = `${address}:${port}`
  switch (code) {
    case 'EADDRINUSE':
      // UDP sockets fail to bind; those of TCP fail to listen.
      return portInUse(syscall === 'bind' ? 'udp' : 'tcp', what, address, port, error)
    case 'EACCES':
    case 'EPERM':
      return new BoottorrentError('PERMISSION', `The right to use ${place} for ${what} is missing`, {
        hint: isForFirmware(port)
          ? hints.bindLowPorts(DHCP)
          : `${hints.bindLowPorts(port)} Or choose a port above 1023.`,
        cause: error,
      })
    case 'EADDRNOTAVAIL':
      return new BoottorrentError('INTERFACE', `This machine does not have the address ${address} for ${what}`, {
        hint: `Run "${hints.listAddresses}" to see the addresses it has; is the interface up?`,
        cause: error,
      })
    default:
      return new BoottorrentError('INTERNAL', `${what} cannot use ${place}: ${String(error)}`, {
        hint: 'Choose another address or port.',
        cause: error,
      })
  }
}

/** Says who has the port of a service. */
export function portInUse(
  transport: Transport,
  what: string,
  address: string,
  port: number,
  cause?: unknown,
): BoottorrentError {
  const holder = platform.portHolder(transport, address, port)
  const who = holder === undefined ? 'Another program' : `${holder.program} (process ${holder.pid})`
  const place = `${transport.toUpperCase()} ${address}:${port}`
  const stop =
    holder === undefined
      ? `Stop that program (${hints.listHolders} names it)`
      : `Stop ${holder.program} (${hints.listPorts} lists all ports in use)`
  return new BoottorrentError('PORT_IN_USE', `${who} already uses ${place}, the port of ${what}`, {
    hint: `${stop}, or choose another port for ${what}.`,
    cause,
  })
}
