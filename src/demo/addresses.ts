/** The addresses of a simulated room: Linux gives the whole of 127.0.0.0/8 to the loopback interface (RFC 1122 §3.2.1.3). */
import type { Interfaces } from '../environment/index.ts'

export interface DemoAddresses {
  /** The interface that is served, and its netmask. */
  readonly interface: string
  readonly netmask: string
  readonly host: string
  /** From here speak those that have no address yet; their real ones say 0.0.0.0. */
  readonly nobody: string
  /** First and last address to give away. */
  readonly first: string
  readonly last: string
}

/** As many as the addresses between the host's and the last one. */
export const MOST_MACHINES = 200

/** A network of its own for each demo on this computer, as far as the numbers go. */
export function demoAddresses(pid: number): DemoAddresses {
  const network = `127.${64 + ((pid >> 8) & 127)}.${pid & 255}`
  return {
    ...{ interface: 'lo', netmask: '255.255.255.0' },
    ...{ host: `${network}.1`, nobody: `${network}.254`, first: `${network}.10`, last: `${network}.250` },
  }
}

/** The interface of that network, as the system would list it. */
export function demoInterfaces({ interface: name, host, netmask }: DemoAddresses): Interfaces {
  return { [name]: [{ family: 'IPv4', address: host, netmask, internal: name === 'lo' }] }
}
