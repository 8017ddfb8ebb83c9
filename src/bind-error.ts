import { BoottorrentError } from './errors.ts'

/** What a failed bind means, in words that help. `what` is the service, as `the tracker`. */
export function bindError(error: unknown, what: string, address: string, port: number): BoottorrentError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const place = `${address}:${port}`
  switch (code) {
    case 'EADDRINUSE':
      return new BoottorrentError('PORT_IN_USE', `Another program already uses ${place}, the port of ${what}`, {
        hint: `Stop that program ("ss -lnptu" names it), or choose another port for ${what}.`,
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
      return new BoottorrentError('PERMISSION', `The right to use ${place} for ${what} is missing`, {
        hint: 'Run it as root, or choose a port above 1023.',
        cause: error,
      })
    case 'EADDRNOTAVAIL':
      return new BoottorrentError('INTERFACE', `This machine does not have the address ${address} for ${what}`, {
        hint: 'Run "ip address" to see the addresses it has.',
        cause: error,
      })
    default:
      return new BoottorrentError('INTERNAL', `${what} cannot use ${place}: ${String(error)}`, {
        hint: 'Choose another address or port.',
        cause: error,
      })
  }
}
