/** Machines in the words of the dashboard. */
import type { Phase, StatusMachine } from '../../status/index.ts'
import { formatDuration, formatSpeed, percentage } from '../../ui/format.ts'
import type { colour } from '../../ui/theme.ts'

/** What a machine is counted as: its phase, or that it is stuck. */
export type MachineState = Phase | 'stuck'
export type Tone = keyof typeof colour

const phases: { readonly [phase in Phase]: string } = {
  dhcp: 'asks for an address',
  loader: 'loads the boot loader',
  kernel: 'loads the kernel',
  phase1: 'starts Phase-1',
  menu: 'shows the menu',
  download: 'begins to download',
  seeding: 'gives to others',
  started: 'booted',
  failed: 'failed',
}

const tones: { readonly [state in MachineState]: Tone | undefined } = {
  dhcp: undefined,
  loader: undefined,
  kernel: undefined,
  phase1: undefined,
  menu: undefined,
  download: 'accent',
  seeding: 'good',
  started: 'good',
  failed: 'bad',
  stuck: 'bad',
}

export function stateOf({ phase, stuck }: StatusMachine): MachineState {
  return stuck === null || phase === 'failed' ? phase : 'stuck'
}

/** Undefined for the usual colour of text. */
export function toneOf(machine: StatusMachine): Tone | undefined {
  return tones[stateOf(machine)]
}

/** Where a machine is, as one line; what is wrong and for how long when it does not get on. @param now ms since 1970 */
export function stepWords(machine: StatusMachine, now: number): string {
  const { phase, step, progress, stuck, boot, isBooting } = machine
  if (stuck !== null) return `${stateOf(machine)} for ${formatDuration((now - stuck.since) / 1000)}: ${stuck.reason}`
  if (!isBooting) return 'does not boot from here'
  if (phase === 'download' && progress !== null) return `downloads ${progress.percent} %`
  if (phase === 'started' && boot.seconds !== null) return `booted in ${formatDuration(boot.seconds)}`
  return step.step === 'address' ? 'has an address' : phases[phase]
}

/** The same in about eight characters. */
export function shortWords(machine: StatusMachine): string {
  const { progress, phase } = machine
  const state = stateOf(machine)
  if (state === 'download') return progress === null || phase !== 'download' ? 'download' : `${progress.percent} %`
  return state === 'started' ? 'booted' : state
}

/** What comes while it downloads, and what goes while it gives. */
export function speedWords({ phase, progress }: StatusMachine): string {
  if (progress === null) return ''
  if (phase === 'download') return formatSpeed(progress.down)
  return phase === 'seeding' && progress.up > 0 ? `↑ ${formatSpeed(progress.up)}` : ''
}

/** Which part of its bytes came from neighbours, in whole percent; undefined while there are none. */
export function neighboursPercent({ progress }: StatusMachine): number | undefined {
  if (progress === null) return undefined
  const all = progress.fromServer + progress.fromPeers
  return all > 0 ? percentage(progress.fromPeers, all) : undefined
}

/** `14:05:09` of this computer's day. */
export function timeOfDay(time: number): string {
  const date = new Date(time)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
