/** A lease as one line of the lease file. */
import { formatAddress, parseAddress, parseMac } from './address.ts'
import type { Lease } from './leases.ts'

/** One JSON object and a line feed. Put together by hand, for every ACK waits for it. */
export function formatLease({ address, mac, hostname, expires }: Lease): string {
  const name = hostname === undefined ? '' : `,"hostname":${JSON.stringify(hostname)}`
  const until = expires === Number.POSITIVE_INFINITY ? '"never"' : expires
  return `{"address":"${formatAddress(address)}","mac":"${mac}"${name},"expires":${until}}\n`
}

/** The lease of a line; undefined when it holds none. */
export function parseLease(line: string): Lease | undefined {
  let value: Record<string, unknown>
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { mac, hostname } = value
  const address = typeof value.address === 'string' ? parseAddress(value.address) : undefined
  const expires = value.expires === 'never' ? Number.POSITIVE_INFINITY : value.expires
  if (address === undefined || typeof mac !== 'string' || parseMac(mac) === undefined) return undefined
  if (typeof expires !== 'number' || Number.isNaN(expires)) return undefined
  if (hostname !== undefined && typeof hostname !== 'string') return undefined
  return { address, mac, hostname, expires }
}
