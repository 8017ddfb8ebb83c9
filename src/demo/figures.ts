/** What a lesson with so many machines takes, and what it would take at best. */
import type { LinkSpeeds } from './network.ts'

/**
 * Seconds that no way of sharing can beat: max(F/u_host, F/d_min, N·F/(u_host + Σu)) (Kumar and Ross, Peer-assisted file
 * distribution: the minimum distribution time, 2006).
 */
export function floorSeconds(machines: number, bytes: number, { host, machine }: LinkSpeeds): number {
  const bits = bytes * 8
  const together = (machines * bits) / (host + machines * machine)
  return Math.max(bits / host, bits / machine, together)
}

/** Seconds that a server needs which alone gives everything to everybody: max(N·F/u_host, F/d_min). */
export function centralFloorSeconds(machines: number, bytes: number, { host, machine }: LinkSpeeds): number {
  const bits = bytes * 8
  return Math.max((machines * bits) / host, bits / machine)
}
