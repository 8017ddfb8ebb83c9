/** Adds up what the trackers and seeders of all interfaces count, for who looks at the room as a whole. */
import type { CountedSwarm, SeededBytes } from './status/index.ts'

/** Where the sums go. */
export interface RoomBoard {
  countSwarms(swarms: readonly CountedSwarm[]): void
  countSeeded(totals: readonly SeededBytes[]): void
}

export class RoomCounts {
  readonly #board: RoomBoard
  /** By whoever counts, then by info-hash. */
  readonly #swarms = new Map<object, Map<string, CountedSwarm>>()
  readonly #seeded = new Map<object, Map<string, number>>()

  constructor(board: RoomBoard) {
    this.#board = board
  }

  countSwarm(counter: object, swarm: CountedSwarm): void {
    entryOf(this.#swarms, counter).set(swarm.infoHash, swarm)
    this.#tellSwarm(swarm.infoHash)
  }

  countSeeded(counter: object, totals: readonly SeededBytes[]): void {
    const own = entryOf(this.#seeded, counter)
    for (const { infoHash, uploaded } of totals) own.set(infoHash, uploaded)
    const sum = (infoHash: string) => [...this.#seeded.values()].reduce((all, one) => all + (one.get(infoHash) ?? 0), 0)
    this.#board.countSeeded(totals.map(({ infoHash }) => ({ infoHash, uploaded: sum(infoHash) })))
  }

  /** Its swarms are gone; what it has seeded stays seeded. */
  forget(counter: object): void {
    const infoHashes = [...(this.#swarms.get(counter)?.keys() ?? [])]
    this.#swarms.delete(counter)
    for (const infoHash of infoHashes) this.#tellSwarm(infoHash)
  }

  #tellSwarm(infoHash: string): void {
    const some = [...this.#swarms.values()].flatMap((one) => one.get(infoHash) ?? [])
    const complete = some.reduce((sum, one) => sum + one.complete, 0)
    const incomplete = some.reduce((sum, one) => sum + one.incomplete, 0)
    this.#board.countSwarms([{ infoHash, complete, incomplete }])
  }
}

function entryOf<Value>(all: Map<object, Map<string, Value>>, counter: object): Map<string, Value> {
  const known = all.get(counter)
  if (known !== undefined) return known
  const made = new Map<string, Value>()
  all.set(counter, made)
  return made
}
