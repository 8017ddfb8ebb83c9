/**
 * What is known of each machine in the room: its timeline from DISCOVER to the start of its system.
 *
 * The rooms tell what they saw; this one puts it in order, by MAC address. What a machine reports of itself is a hint, not
 * a fact, and is marked so.
 */
import { EventEmitter } from 'node:events'
import { printable } from '../log.ts'

/**
 * The steps of a boot, in the order in which they happen. `failed` may follow any of them, and so may `trouble`: something
 * that went wrong and that the machine may still get over by itself.
 */
export const steps = [
  'discover',
  'address',
  'loader',
  'script',
  'kernel',
  'segments',
  'phase1',
  'menu',
  'download',
  'progress',
  'complete',
  'seeding',
  'start',
  'failed',
  'trouble',
] as const

export type Step = (typeof steps)[number]

/** One step of one machine. */
export interface MachineStep {
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  readonly step: Step
  /** One line for a person. */
  readonly detail: string
  /** Who says so: the host saw it itself, or the machine reported it. */
  readonly source: 'host' | 'client'
  /** Milliseconds since 1970. */
  readonly time: number
}

/** A machine and all that is known of it. */
export interface Machine {
  readonly mac: string
  readonly address: string | undefined
  /** Oldest first. */
  readonly timeline: readonly MachineStep[]
}

export interface Machines extends EventEmitter<{ step: [MachineStep] }> {
  /** Adds a step to the machine with this MAC address, which appears when it was not known. */
  observe(mac: string, step: Step, detail: string, source?: 'host' | 'client'): void
  /** Notes which machine has an IPv4 address now. What a client says does not take an address from whom the host gave it. */
  bind(mac: string, address: string, source?: 'host' | 'client'): void
  /** The MAC address of the machine that has this IPv4 address. */
  macOf(address: string): string | undefined
  /** All machines, the one seen last at the end. */
  list(): Machine[]
}

export interface MachinesOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Machines to remember; the one not seen for longest is forgotten first. */
  readonly limit?: number
}

const TIMELINE_LIMIT = 200

/** An empty room. */
export function createMachines(options: MachinesOptions = {}): Machines {
  return new MachineTable(options.now ?? Date.now, options.limit ?? 4096)
}

interface Entry {
  address: string | undefined
  /** Who said that it has this address. */
  addressSource: 'host' | 'client'
  timeline: MachineStep[]
}

class MachineTable extends EventEmitter<{ step: [MachineStep] }> implements Machines {
  readonly #entries = new Map<string, Entry>()
  readonly #macByAddress = new Map<string, string>()
  readonly #now: () => number
  readonly #limit: number

  constructor(now: () => number, limit: number) {
    super()
    this.#now = now
    this.#limit = limit
  }

  observe(mac: string, step: Step, detail: string, source: 'host' | 'client' = 'host'): void {
    const entry = this.#touch(mac)
    const observed: MachineStep = { mac, step, detail: printable(detail), source, time: this.#now() }
    // A download reports itself every few seconds; only its last word is worth keeping. So is the same trouble again.
    const last = entry.timeline.at(-1)
    const isRepeated = step === 'progress' || (step === 'trouble' && last?.detail === observed.detail)
    if (isRepeated && last?.step === step) entry.timeline.pop()
    entry.timeline.push(observed)
    if (entry.timeline.length > TIMELINE_LIMIT) entry.timeline.shift()
    this.emit('step', observed)
  }

  bind(mac: string, address: string, source: 'host' | 'client' = 'host'): void {
    const owner = this.#macByAddress.get(address)
    const isGiven = owner !== undefined && this.#entries.get(owner)?.addressSource === 'host'
    if (source === 'client' && isGiven) return
    const entry = this.#touch(mac)
    this.#release(mac, entry)
    entry.address = address
    entry.addressSource = source
    this.#macByAddress.set(address, mac)
  }

  macOf(address: string): string | undefined {
    return this.#macByAddress.get(address)
  }

  list(): Machine[] {
    return [...this.#entries].map(([mac, entry]) => ({ mac, address: entry.address, timeline: [...entry.timeline] }))
  }

  /** The entry of a machine, moved to the end of the map, which is so ordered by when machines were seen last. */
  #touch(mac: string): Entry {
    const entry = this.#entries.get(mac) ?? { address: undefined, addressSource: 'client', timeline: [] }
    this.#entries.delete(mac)
    this.#entries.set(mac, entry)
    if (this.#entries.size > this.#limit) this.#forgetOldest()
    return entry
  }

  #forgetOldest(): void {
    for (const [mac, entry] of this.#entries) {
      this.#entries.delete(mac)
      this.#release(mac, entry)
      return
    }
  }

  /** The address of this machine is nobody's any more, unless somebody else has it by now. */
  #release(mac: string, { address }: Entry): void {
    if (address !== undefined && this.#macByAddress.get(address) === mac) this.#macByAddress.delete(address)
  }
}
