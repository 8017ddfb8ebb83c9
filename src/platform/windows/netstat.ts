import type { Transport } from '../index.ts'

/**
 * Reads what `netstat -ano -p TCP` or `-p UDP` prints: protocol, local address, foreign address, state (of TCP alone, in the
 * language of the system) and process. A TCP socket that listens has the foreign address `0.0.0.0:0`.
 *
 * @returns the processes whose sockets stand in the way at an address and port
 */
export function readNetstat(text: string, transport: Transport, address: string, port: number): number[] {
  const pids = text.split(/\r?\n/).flatMap((line) => {
    const [protocol, local = '', foreign, ...rest] = line.trim().split(/\s+/)
    if (protocol !== transport.toUpperCase()) return []
    if (transport === 'tcp' && foreign !== '0.0.0.0:0') return []
    const colon = local.lastIndexOf(':')
    const host = local.slice(0, colon)
    const isInTheWay = host === '0.0.0.0' || host === address || address === '0.0.0.0'
    const pid = Number(rest.at(-1))
    return local.slice(colon + 1) === String(port) && isInTheWay && pid > 0 ? [pid] : []
  })
  return [...new Set(pids)]
}

/** Reads the one line that `tasklist /FO CSV /NH` prints of a process: `"svchost.exe","1044",…`. @returns the program */
export function readTasklist(text: string): string | undefined {
  return /^"([^"]+)","\d+"/.exec(text.trim())?.[1]
}
