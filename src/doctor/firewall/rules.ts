/** A set of firewall rules, as far as it matters here: whether it turns packets away, and what it lets in. */
import type { Transport } from '../../platform/index.ts'

export interface Firewall {
  /** As its own tool calls it: `inet filter`, `iptables`. */
  readonly name: string
  /** Whether packets to this computer that no rule lets in are turned away. */
  readonly rejects: boolean
  readonly openings: readonly Opening[]
  /** Command line that lets these ports in. */
  remedy(transport: Transport, ports: readonly number[]): string
}

/** What one rule lets in. */
export interface Opening {
  /** Undefined: whatever it is. */
  readonly transport: Transport | undefined
  readonly ports: readonly PortRange[]
  /** Names of interfaces, with `*` or `+` at the end for what begins so. Undefined: all. */
  readonly interfaces: readonly string[] | undefined
}

export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Chains for what leaves this computer or passes through it, by the names that everybody gives them: `OUTPUT`, `ufw-user-forward`. */
export function isForOthers(chain: string): boolean {
  return /output|forward|prerouting|postrouting/i.test(chain)
}

export const everyPort: readonly PortRange[] = [{ first: 0, last: 65_535 }]

/** Whether one of the rules lets in a packet to this port that comes in by this interface. */
export function letsIn(firewall: Firewall, transport: Transport, port: number, interfaceName: string): boolean {
  if (!firewall.rejects) return true
  return firewall.openings.some(
    (opening) =>
      (opening.transport === undefined || opening.transport === transport) &&
      opening.ports.some(({ first, last }) => first <= port && port <= last) &&
      (opening.interfaces === undefined || opening.interfaces.some((pattern) => isLike(interfaceName, pattern))),
  )
}

function isLike(name: string, pattern: string): boolean {
  return /[*+]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
