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
  'running',
  'failed',
  'trouble',
] as const

/** One of the {@link steps}. */
export type Step = (typeof steps)[number]

/** Who says so: the host saw it itself, or the machine reported it. */
export type Source = 'host' | 'client'

/** What one DHCP message tells of who speaks: a machine has several voices in one boot. */
export interface Voice {
  /** Whether it asks to be booted: firmware or iPXE, not a system that is up. */
  readonly netboot: boolean
  readonly ipxe: boolean
}

/** Milliseconds after which whoever asks for a boot file has begun anew, however far it had come before. */
const SILENCE_OF_A_BOOT = 120_000

const BEFORE_IPXE: ReadonlySet<Step> = new Set(['discover', 'address'])
const BEFORE_KERNEL: ReadonlySet<Step> = new Set(['discover', 'address', 'loader', 'script'])

/**
 * Whether a DISCOVER begins a new boot. Firmware, iPXE, Phase-1 and the system each ask for an address in one boot, and
 * firmware asks again when nobody answers.
 *
 * @param current the step that the machine is in, undefined when it is new
 * @param silence milliseconds since anything was heard of it
 */
export function beginsBoot(voice: Voice, current: Step | undefined, silence: number): boolean {
  if (!voice.netboot || current === undefined) return false
  if (silence > SILENCE_OF_A_BOOT) return true
  return !(voice.ipxe ? BEFORE_KERNEL : BEFORE_IPXE).has(current)
}

/**
 * Whether a step takes the machine out of the one it is in. Files and addresses are asked for again by whatever runs
 * later; they take nobody back. What the machine says of itself does: it may try again.
 */
export function movesOn(current: Step | undefined, next: Step, source: Source): boolean {
  if (next === 'trouble') return false
  if (current === undefined || source === 'client') return true
  return steps.indexOf(next) > steps.indexOf(current)
}
