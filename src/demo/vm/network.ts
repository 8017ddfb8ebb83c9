/**
 * The addresses of a room with virtual machines. It is one network, so that all of them are in one swarm: the lower half is
 * behind the bridge, the upper half belongs to the simulated machines, on the loopback interface.
 */
import type { DemoAddresses } from '../addresses.ts'

const PREFIX = 23
/** All addresses of a network that stands on the loopback interface are this computer's own. */
const SIMULATED = '172.30.1.254/24'

export const vmAddresses: DemoAddresses = {
  ...{ interface: 'lan0', netmask: '255.255.254.0', host: '172.30.0.1', nobody: '172.30.1.254' },
  ...{ first: '172.30.1.10', last: '172.30.1.250' },
}

/** The host's address on the bridge, with the length of its prefix. */
export const BRIDGE_ADDRESS = `${vmAddresses.host}/${PREFIX}`

/** Words for ip(8) that give the loopback interface its half. */
export const SIMULATED_WORDS = ['address', 'add', SIMULATED, 'dev', 'lo'] as const

/** As many as one small computer might carry. */
export const MOST_VIRTUAL = 8

/** A virtual PC as the room knows it. */
export interface VirtualPc {
  /** As `52:54:00:b0:07:01`. */
  readonly mac: string
  readonly address: string
  readonly hostname: string
}

export function virtualPcs(count: number): VirtualPc[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1
    return { mac: `52:54:00:b0:07:0${number}`, address: `172.30.0.${10 + index}`, hostname: `qemu-${number}` }
  })
}
