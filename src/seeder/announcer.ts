import { announce } from './announce.ts'
import { TrackerTroubles } from './tracker-troubles.ts'

/** Seconds. A tracker of ours wants to hear of peers so often, and forgets them after 50. */
const SHORTEST_INTERVAL = 15
/** One that does not answer is told again after this. */
const RETRY_INTERVAL = 60
const LONGEST_INTERVAL = 3600
const TIMEOUT_MS = 15_000
/** When the program ends nobody waits longer for trackers. */
const GOODBYE_MS = 1_000

export interface AnnouncerOptions {
  /** 40 hexadecimal digits. */
  readonly peerId: string
  /** IPv4 address and TCP port of the seeder. */
  readonly address: string
  readonly port: number
  /** Told once when a tracker does not take an announce, which is tried again. */
  readonly onProblem: (message: string) => void
  /** Told once when it has taken all that it did not take before. */
  readonly onRecovery: (message: string) => void
}

/** A swarm and a tracker that is to know that we seed in it. */
export interface AnnouncedSwarm {
  /** 40 hexadecimal digits. */
  readonly infoHash: string
  /** Its announce URL. */
  readonly tracker: string
}

/**
 * Tells trackers, beside those that a torrent names, who seeds it. They can change while peers are connected, which webtorrent
 * does not offer; and whatever they answer does no harm: they belong to others.
 */
export class Announcer {
  readonly #options: AnnouncerOptions
  /** By swarm and tracker. */
  readonly #appointments = new Map<string, Appointment>()
  readonly #troubles = new TrackerTroubles()
  #announced: readonly AnnouncedSwarm[] = []

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** Announces these from now on and no others. */
  announce(swarms: readonly AnnouncedSwarm[]): void {
    const before = this.#announced
    this.#announced = swarms
    const wanted = new Set(swarms.map(keyOf))
    for (const swarm of before) if (!wanted.has(keyOf(swarm))) void this.#leave(swarm)
    for (const swarm of swarms) if (!this.#appointments.has(keyOf(swarm))) this.#join(swarm)
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    const announced = this.#announced
    this.#announced = []
    await Promise.all(announced.map((swarm) => this.#leave(swarm)))
  }

  #join(swarm: AnnouncedSwarm): void {
    const appointment: Appointment = { next: undefined }
    this.#appointments.set(keyOf(swarm), appointment)
    void this.#tell(swarm, appointment, 'started')
  }

  async #tell(swarm: AnnouncedSwarm, appointment: Appointment, event?: 'started'): Promise<void> {
    let interval = RETRY_INTERVAL
    let nextEvent = event
    let problem: unknown
    try {
      interval = await announce(this.#packet(swarm, event), AbortSignal.timeout(TIMEOUT_MS))
      nextEvent = undefined
    } catch (error) {
      problem = error
    }
    // It may have been left meanwhile.
    if (this.#appointments.get(keyOf(swarm)) !== appointment) return
    this.#note(swarm, problem)
    const wait = secondsUntilNext(interval) * 1000
    appointment.next = setTimeout(() => void this.#tell(swarm, appointment, nextEvent), wait)
  }

  #note(swarm: AnnouncedSwarm, problem: unknown): void {
    const { onProblem, onRecovery } = this.#options
    const { tracker } = swarm
    if (problem === undefined) {
      if (this.#troubles.end(swarm)) onRecovery(`${tracker} answers again`)
    } else if (this.#troubles.begin(swarm)) onProblem(`${tracker} cannot be told what is seeded: ${reasonOf(problem)}`)
  }

  async #leave(swarm: AnnouncedSwarm): Promise<void> {
    clearTimeout(this.#appointments.get(keyOf(swarm))?.next)
    this.#appointments.delete(keyOf(swarm))
    this.#troubles.end(swarm)
    // A tracker that does not hear of it forgets us by itself.
    await announce(this.#packet(swarm, 'stopped'), AbortSignal.timeout(GOODBYE_MS)).catch(() => {})
  }

  #packet(swarm: AnnouncedSwarm, event: 'started' | 'stopped' | undefined) {
    const { peerId, address, port } = this.#options
    return { ...swarm, peerId, address, port, ...(event === undefined ? {} : { event }) }
  }
}

/** What the tracker wants, within reason. */
export function secondsUntilNext(interval: number): number {
  return Math.min(Math.max(interval, SHORTEST_INTERVAL), LONGEST_INTERVAL)
}

/** When a swarm is announced again; undefined while it is being announced. */
interface Appointment {
  next: NodeJS.Timeout | undefined
}

function keyOf({ infoHash, tracker }: AnnouncedSwarm): string {
  return `${infoHash} ${tracker}`
}

function reasonOf(error: unknown): string {
  // Others than our own errors say why in their cause.
  const { cause } = error as Error
  const reason = (cause instanceof Error ? cause : error) as Error
  return reason.name === 'TimeoutError' ? 'it does not answer' : reason.message
}
