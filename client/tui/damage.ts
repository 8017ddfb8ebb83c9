import { countOf } from './naming.ts'

/** Pieces that came with a wrong hash. aria2 throws each away, shuns the machine for some minutes, and fetches it again. */
export interface Damage {
  readonly pieces: number
  /** IPv4 addresses that their last parts came from, the first few: aria2 knows no more, and other parts may be another's. */
  readonly from: readonly string[]
  /** Whether there are more addresses than those. */
  readonly hasMore: boolean
}

/** So many addresses fit into one line of the screen and of the host's timeline. */
const NAMED = 3

export const noDamage: Damage = { pieces: 0, from: [], hasMore: false }

export function addDamage({ pieces, from, hasMore }: Damage, address: string): Damage {
  if (from.includes(address)) return { pieces: pieces + 1, from, hasMore }
  if (from.length === NAMED) return { pieces: pieces + 1, from, hasMore: true }
  return { pieces: pieces + 1, from: [...from, address], hasMore }
}

/** As `2 damaged pieces came, their last parts from 192.0.2.7`. */
export function describeDamage(damage: Damage): string {
  const lastParts = damage.pieces === 1 ? 'its last part' : 'their last parts'
  return `${countOf(damage.pieces, 'damaged piece')} came, ${lastParts} from ${sendersOf(damage)}`
}

export function sendersOf({ from, hasMore }: Damage): string {
  return `${from.join(', ')}${hasMore ? ' and others' : ''}`
}
