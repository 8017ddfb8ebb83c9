/** Who sends to whom just now. */
import type { StatusMachine } from '../../status/model.ts'

export interface Flow {
  /** `server`, or the MAC address of a machine. */
  readonly from: string
  /** MAC address. */
  readonly to: string
  /** Bytes per second. */
  readonly speed: number
}

/** Milliseconds after which what a machine said of its traffic is no longer true. */
const FRESH = 8000
/** Bytes per second below which it is only talk, no data. */
const LEAST = 500

/**
 * The traffic that machines report of themselves, the fastest first. Both ends of one flow may tell of it: then the receiver
 * is believed.
 */
export function flowsOf(machines: Iterable<StatusMachine>, time: number): Flow[] {
  const received = new Map<string, Flow>()
  const sent = new Map<string, Flow>()
  const known = new Map([...machines].map((machine) => [machine.mac, machine]))
  for (const { mac, phase, progress, lastSeen } of known.values()) {
    const isActive = phase === 'download' || phase === 'seeding'
    if (!isActive || progress === null || time - lastSeen > FRESH) continue
    for (const { id, down, up } of progress.peers) {
      const isKnown = id === 'server' || known.has(id)
      if (!isKnown || id === mac) continue
      if (down >= LEAST) received.set(`${id} ${mac}`, { from: id, to: mac, speed: down })
      if (up >= LEAST && id !== 'server') sent.set(`${mac} ${id}`, { from: mac, to: id, speed: up })
    }
  }
  return [...new Map([...sent, ...received]).values()].sort((one, other) => other.speed - one.speed)
}

/** How many of the machines have each of 64 parts, which are told by a piece, from 0 for nobody to 1 for everybody. */
export function spreadOf(machines: Iterable<StatusMachine>): number[] {
  const counts = Array<number>(64).fill(0)
  let downloads = 0
  for (const { progress } of machines) {
    if (progress?.pieces == null) continue
    downloads += 1
    partsOf(progress.pieces).forEach((isHere, part) => {
      if (isHere) counts[part] = (counts[part] ?? 0) + 1
    })
  }
  return counts.map((count) => (downloads === 0 ? 0 : count / downloads))
}

/** The 64 parts of 16 hexadecimal digits, the first part in the highest bit. */
export function partsOf(pieces: string): boolean[] {
  return [...pieces].flatMap((digit) => {
    const value = Number.parseInt(digit, 16)
    return [8, 4, 2, 1].map((bit) => (value & bit) !== 0)
  })
}
