/**
 * Switches machines on over the network (Wake-on-LAN).
 *
 * ```ts
 * await wake(['52:54:00:12:34:56'], { address: '192.0.2.1', netmask: '255.255.255.0' })
 * ```
 *
 * Nobody answers: whether a machine wakes up depends on the settings of its firmware.
 */
import { sendMagicPackets } from './send.ts'

/** Where the packets leave from. */
export interface WakeFrom {
  /** IPv4 address of this computer on the network of the machines. */
  readonly address: string
  /** As `255.255.255.0`. */
  readonly netmask: string
  /** UDP port that the packets go to; 9 when left out. */
  readonly port?: number
}

/**
 * Sends magic packets for these machines to everybody on the network of `from`.
 *
 * @param macs as `52:54:00:12:34:56`
 * @throws BoottorrentError INTERFACE when that address is not this computer's, or its network is down
 */
export function wake(macs: readonly string[], from: WakeFrom): Promise<void> {
  return sendMagicPackets(macs, from)
}

export { magicPacket } from './magic-packet.ts'
export { chooseMachines, type NamedMachine } from './targets.ts'
