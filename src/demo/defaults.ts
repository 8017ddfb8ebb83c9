/** How large and how fast a room is when nobody says. */

export interface RoomSize {
  /** Bits per second of the host's cable and of each machine's. */
  readonly uplink: number
  readonly link: number
  /** Bytes of the image. */
  readonly bytes: number
}

/** What a small computer can simulate: the bits of all machines together, per second, each of which is sent and received. */
const CARRIED = 240e6
const FASTEST_UPLINK = 20e6
/** A machine's cable is so many times as fast as the host's. */
const FASTER = 5
/** So long the image is on its way at least, in seconds. */
const LESSON_SECONDS = 6.4
/** A swarm needs many pieces to exchange, and nobody waits for a fast room to be long. */
const SMALLEST_IMAGE = 8e6
const LARGEST_IMAGE = 64e6

/** What was chosen stays; the rest fits it. */
export function roomSize(machines: number, chosen: Partial<RoomSize>): RoomSize {
  const slow = Math.max(0.1e6, Math.floor(CARRIED / machines / 1e5) * 1e5)
  const uplink = chosen.uplink ?? Math.min(FASTEST_UPLINK, slow)
  const link = chosen.link ?? uplink * FASTER
  const lesson = Math.round((uplink * LESSON_SECONDS) / 8)
  const bytes = chosen.bytes ?? Math.min(LARGEST_IMAGE, Math.max(SMALLEST_IMAGE, lesson))
  return { uplink, link, bytes }
}
