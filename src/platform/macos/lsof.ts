import type { PortHolder } from '../index.ts'

/**
 * Reads what `lsof -Fpcn` prints (lsof(8), OUTPUT FOR OTHER PROGRAMS): a line for each field, which begins with its letter. A
 * process (p, c) is followed by its sockets (n): `*:67`, `192.168.1.1:67`, `[::1]:67`, `10.0.0.1:80->10.0.0.2:1`.
 *
 * @returns the processes whose sockets stand in the way at an address and port
 */
export function readLsof(text: string, address: string, port: number): PortHolder[] {
  const holders = new Map<number, PortHolder>()
  let pid = Number.NaN
  let program = ''
  for (const line of text.split('\n')) {
    const value = line.slice(1)
    if (line[0] === 'p') pid = Number(value)
    if (line[0] === 'c') program = value
    if (line[0] === 'n' && pid > 0 && isInTheWay(value, address, port)) {
      holders.set(pid, { pid, program: program || 'A program' })
    }
  }
  return [...holders.values()]
}

/** Either may stand for all addresses. */
function isInTheWay(name: string, address: string, port: number): boolean {
  const colon = name.lastIndexOf(':')
  const host = name.slice(0, colon).replace(/^\[|\]$/g, '')
  return name.slice(colon + 1) === String(port) && (host === '*' || host === address || address === '0.0.0.0')
}
