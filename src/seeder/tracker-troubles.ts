import type { AnnouncedSwarm } from './announcer.ts'

/**
 * Which trackers cannot be told of which swarms: so that trouble with a tracker is told once, however many swarms it is to
 * know, and its end once too. It ends when none of those swarms is left.
 */
export class TrackerTroubles {
  /** Info-hashes by announce URL. */
  readonly #untold = new Map<string, Set<string>>()

  /** @returns whether the tracker had no trouble before. */
  begin({ tracker, infoHash }: AnnouncedSwarm): boolean {
    const untold = this.#untold.get(tracker)
    if (untold === undefined) this.#untold.set(tracker, new Set([infoHash]))
    else untold.add(infoHash)
    return untold === undefined
  }

  /** The swarm was told, or the tracker need not know it any more. @returns whether the tracker has no more trouble. */
  end({ tracker, infoHash }: AnnouncedSwarm): boolean {
    const untold = this.#untold.get(tracker)
    if (!untold?.delete(infoHash) || untold.size > 0) return false
    return this.#untold.delete(tracker)
  }
}
