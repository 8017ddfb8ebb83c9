/** Steps in the words of the page. */

import type { Phase, StatusMachine } from '../../status/model.ts'
import { formatSpeed } from '../../ui/format.ts'

const phases: { readonly [phase in Phase]: string } = {
  dhcp: 'asks for an address',
  loader: 'loads the boot loader',
  kernel: 'loads the kernel',
  phase1: 'starts the menu',
  menu: 'shows the menu',
  download: 'downloads',
  seeding: 'gives to others',
  started: 'started',
  failed: 'failed',
}

/** Where a machine is, as one short line. */
export function stepWords({ phase, step, progress, stuck, boot }: StatusMachine): string {
  if (stuck !== null) return stuck.reason
  if (phase === 'download' && progress !== null) return `downloads ${progress.percent} %`
  if (phase === 'started' && boot.seconds !== null) return `started after ${Math.round(boot.seconds)} s`
  if (step.step === 'address') return 'has an address'
  return phases[phase]
}

export function speedWords({ phase, progress }: StatusMachine): string {
  if (progress === null) return ''
  if (phase === 'download') return `↓ ${formatSpeed(progress.down)}`
  return phase === 'seeding' ? `↑ ${formatSpeed(progress.up)}` : ''
}

/** What colours a machine: its phase, or that it is stuck. */
export function toneOf({ phase, stuck }: StatusMachine): string {
  return stuck === null ? phase : 'stuck'
}

/** From 0 to 1, over the whole boot of which the download is the longest part. */
export function wayOf({ phase, progress }: StatusMachine): number {
  if (phase === 'download' && progress !== null) return progress.total > 0 ? progress.done / progress.total : 0
  return phase === 'seeding' || phase === 'started' ? 1 : 0
}
