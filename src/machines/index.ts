/**
 * What is known of each machine in the room: its timeline from DISCOVER to the start of its system.
 *
 * The rooms tell what they saw; this one puts it in order, by MAC address. What a machine reports of itself is a hint, not
 * a fact, and is marked so. Times are milliseconds since 1970.
 *
 * ```ts
 * const machines = createMachines()
 * machines.on('step', ({ mac, step, detail }) => console.log(mac, step, detail))
 * machines.observe('52:54:00:12:34:56', 'discover', 'uefi-x64')
 * ```
 */
import type { EventEmitter } from 'node:events'
import type { ClientProgress } from '../../client/contract.ts'
import type { Source, Step, Voice } from './steps.ts'
import type { Stuck } from './stuck.ts'
import { MachineTable } from './table.ts'

/** One step of one machine. */
export interface MachineStep {
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  readonly step: Step
  /** One line for a person. */
  readonly detail: string
  /** Who says so: the host saw it itself, or the machine reported it. */
  readonly source: Source
  /** Milliseconds since 1970. */
  readonly time: number
}

/** The boot that a machine is in, or its last one. */
export interface Boot {
  /** 1 for the first one that was seen. */
  readonly number: number
  readonly startedAt: number
  /** The step it is in: the last one that is no `trouble` and no question of a later program for an address. */
  readonly step: MachineStep
  /** When the step it is in began, which repeated reports of it do not change. */
  readonly since: number
  /** When each step was first seen. */
  readonly times: { readonly [step in Step]?: number }
  /** The numbers of its download, as it reports them. */
  readonly progress: ClientProgress | undefined
  /** What keeps it from getting on, as of the last {@link Machines.check}. */
  readonly stuck: Stuck | undefined
}

/** A machine and all that is known of it. */
export interface Machine {
  readonly mac: string
  readonly address: string | undefined
  /** What people call it: by the environment's rule, else as it calls itself. */
  readonly name: string | undefined
  /** As DHCP names it: `bios`, `uefi-x64`, … */
  readonly firmware: string | undefined
  /** The system UUID of its firmware, as it reports it. */
  readonly uuid: string | undefined
  /** Whether it asked to be booted, or did anything of a boot. Others only asked for an address. */
  readonly isBooting: boolean
  readonly boot: Boot | undefined
  /** Bytes of systems that the host's seeder sent to it, as the host counts them. */
  readonly received: number
  readonly lastSeen: number
  /** Of all its boots, oldest first. */
  readonly timeline: readonly MachineStep[]
}

/** What is known of a machine besides its steps. What is undefined or left out stays as it was. */
export interface MachineFacts {
  readonly name?: string | undefined
  readonly firmware?: string | undefined
  readonly uuid?: string | undefined
}

export interface MachinesEvents {
  step: [MachineStep]
  /** A machine got stuck, or the reason is another one now. */
  stuck: [{ readonly mac: string; readonly stuck: Stuck }]
  /** Anything about this machine is different now. */
  change: [mac: string]
  /** A machine is no longer remembered. */
  forgotten: [mac: string]
}

export interface Machines extends EventEmitter<MachinesEvents> {
  /** Adds a step to the machine with this MAC address, which appears when it was not known. */
  observe(mac: string, step: Step, detail: string, source?: Source, progress?: ClientProgress): void
  /** A machine looks for an address. It may begin a new boot with that, or go on with the one it is in. */
  discover(mac: string, detail: string, voice: Voice): void
  /** Notes what a machine is. What a client says does not replace what the host knows. */
  describe(mac: string, facts: MachineFacts, source?: Source): void
  /** Notes which machine has an IPv4 address now. What a client says does not take an address from whom the host gave it. */
  bind(mac: string, address: string, source?: Source): void
  /** Notes that the host's seeder sent so many more bytes to the machine that has this address. */
  send(address: string, bytes: number): void
  /** The MAC address of the machine that has this IPv4 address. */
  macOf(address: string): string | undefined
  get(mac: string): Machine | undefined
  /** All machines, the one seen last at the end. */
  list(): Machine[]
  /** Looks who is stuck, and forgets who was not seen for long. To be called every second or so. */
  check(): void
}

export interface MachinesOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Machines to remember; the one not seen for longest is forgotten first. 4096 when left out. */
  readonly limit?: number
  /**
   * The same for those of which the host saw no more than a DISCOVER, and those that only say they are there: anybody can
   * make up any number of them, and none of these pushes a real one out. 512 when left out.
   */
  readonly strangerLimit?: number
}

/** An empty room. */
export function createMachines(options: MachinesOptions = {}): Machines {
  const { now = Date.now, limit = 4096, strangerLimit = 512 } = options
  return new MachineTable({ now, limit, strangerLimit })
}

export { type Source, type Step, steps, type Voice } from './steps.ts'
export type { Stuck } from './stuck.ts'
