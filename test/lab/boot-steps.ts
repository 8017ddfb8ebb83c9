import { type BootServerProcess, parseEvent } from './boot-server.ts'
import { demoIntact, demoMarker } from './demo-environment.ts'
import type { Machine } from './machine.ts'

/** One step of a boot, seen either on the machine's serial console or by the server. */
interface StepDefinition {
  readonly title: string
  /** A line of the serial console. */
  readonly serial?: RegExp
  /** `step` of the server's event about this machine. */
  readonly server?: string
}

/** One boot from power-on to the running system, in the order in which it happens. */
const definitions: readonly StepDefinition[] = [
  { title: 'DHCP: the machine asks', server: 'discover' },
  { title: 'DHCP: it has an address', server: 'address' },
  { title: 'boot loader fetched', server: 'loader' },
  { title: 'boot script fetched', server: 'script' },
  { title: 'kernel fetched', server: 'kernel' },
  { title: 'initrd segments fetched', server: 'segments' },
  // The firmware may leave an unfinished line on the console.
  { title: 'Phase-1 Linux runs', serial: /boottorrent: phase1 / },
  { title: 'Phase-1 is on the network', serial: /^boottorrent: network (?!waiting)/ },
  { title: 'menu', serial: /^boottorrent: menu / },
  { title: 'download begins', serial: /^boottorrent: download / },
  { title: 'download complete, every piece verified', serial: /^boottorrent: complete .* verified/ },
  { title: 'kexec', serial: /^boottorrent: start / },
  { title: 'the operating system runs', serial: new RegExp(`^${demoMarker}`) },
  { title: 'it has every byte it should', serial: new RegExp(`^${demoIntact}`) },
]

/** What stands on the timeline of a machine that boots a system by kexec, in this order. */
export const timelineSteps = [
  'discover',
  'address',
  'script',
  'kernel',
  'segments',
  'phase1',
  'menu',
  'download',
  'complete',
  'start',
] as const

export interface BootStep {
  readonly title: string
  /** Seconds since power-on; undefined when it was not seen (yet). */
  readonly at: number | undefined
  /** The line or event that showed it. */
  readonly evidence: string | undefined
}

export interface BootWatch {
  readonly steps: readonly BootStep[]
  /** Calls back for each step when it is seen first. */
  onStep(listener: (step: BootStep) => void): void
}

/** Notes when each step of this machine's boot is seen. Must be called right after the machine was switched on. */
export function watchBoot(machine: Machine, server: Pick<BootServerProcess, 'events'>): BootWatch {
  const started = performance.now()
  const steps: BootStep[] = definitions.map(({ title }) => ({ title, at: undefined, evidence: undefined }))
  const listeners: ((step: BootStep) => void)[] = []

  function seen(evidence: string, isIt: (definition: StepDefinition) => boolean) {
    const index = definitions.findIndex((definition, i) => steps[i]?.at === undefined && isIt(definition))
    const definition = definitions[index]
    if (!definition) return
    const step = { title: definition.title, at: (performance.now() - started) / 1000, evidence }
    steps[index] = step
    for (const listener of listeners) listener(step)
  }

  machine.serial.onLine(({ text }) => seen(text, ({ serial }) => serial?.test(text) ?? false))
  server.events.onLine((line) => {
    const event = parseEvent(line)
    if (event?.mac !== machine.mac || event.step === undefined) return
    seen(event.message, ({ server: step }) => step === event.step)
  })
  return { steps, onStep: (listener) => listeners.push(listener) }
}

/** The steps as a table: when each was seen, and how long after the one before. Steps that did not happen are left out. */
export function stepTable(steps: readonly BootStep[]): string {
  const rows = [`${'at'.padStart(8)} ${'took'.padStart(8)}   step`, `${inSeconds(0)} ${''.padStart(8)}   power on`]
  let last = 0
  const happened = steps.filter((step) => step.at !== undefined).sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
  for (const { title, at = 0 } of happened) {
    rows.push(`${inSeconds(at)} ${inSeconds(at - last)}   ${title}`)
    last = at
  }
  return rows.join('\n')
}

function inSeconds(value: number): string {
  return `${value.toFixed(1)} s`.padStart(8)
}
