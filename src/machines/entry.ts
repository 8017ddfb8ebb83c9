/** What the table keeps of one machine. */
import type { ClientProgress } from '../../client/contract.ts'
import type { Boot, Machine, MachineFacts, MachineStep } from './index.ts'
import { movesOn, type Source, type Step } from './steps.ts'
import { type Stuck, stuckOf } from './stuck.ts'

const TIMELINE_LIMIT = 200

/** Steps of which only the last word is worth keeping: a download reports itself every few seconds. */
const REPEATED: ReadonlySet<Step> = new Set(['progress', 'seeding'])

/** Text, and who said it. */
interface Said {
  readonly text: string
  readonly source: Source
}

interface CurrentBoot {
  readonly number: number
  readonly startedAt: number
  readonly times: { [step in Step]?: number }
  step: MachineStep
  since: number
  movedAt: number
  trouble: string | undefined
  progress: ClientProgress | undefined
  stuck: Stuck | undefined
}

export class Entry {
  readonly mac: string
  address: string | undefined
  /** Who said that it has this address. */
  addressSource: Source = 'client'
  isBooting = false
  /** Whether the host saw more of it than that it asks for an address. */
  isKnown = false
  received = 0
  lastSeen: number
  #name: Said | undefined
  #firmware: Said | undefined
  #uuid: Said | undefined
  #boot: CurrentBoot | undefined
  readonly #timeline: MachineStep[] = []

  constructor(mac: string, now: number) {
    this.mac = mac
    this.lastSeen = now
  }

  get step(): Step | undefined {
    return this.#boot?.step.step
  }

  get stuck(): Stuck | undefined {
    return this.#boot?.stuck
  }

  describe({ name, firmware, uuid }: MachineFacts, source: Source): void {
    this.#name = better(this.#name, name, source)
    this.#firmware = better(this.#firmware, firmware, source)
    this.#uuid = better(this.#uuid, uuid, source)
  }

  add(step: MachineStep, progress: ClientProgress | undefined, isNewBoot: boolean): void {
    this.#remember(step)
    const before = isNewBoot ? undefined : this.#boot
    if (before === undefined) {
      this.#boot = newBoot((this.#boot?.number ?? 0) + 1, step, progress)
      return
    }
    before.times[step.step] ??= step.time
    if (step.step === 'trouble') before.trouble = step.detail
    if (movesOn(before.step.step, step.step, step.source)) moveOn(before, step, progress)
  }

  /** @returns whether anything is different now */
  check(now: number): boolean {
    const boot = this.#boot
    if (boot === undefined) return false
    const { step, movedAt, trouble } = boot
    const heardAt = this.lastSeen
    const standing = { step: step.step, detail: step.detail, movedAt, heardAt, trouble, isBooting: this.isBooting }
    const before = boot.stuck
    boot.stuck = stuckOf(standing, now)
    return before?.reason !== boot.stuck?.reason || before?.since !== boot.stuck?.since
  }

  toMachine(): Machine {
    const { mac, address, isBooting, received, lastSeen } = this
    const name = this.#name?.text
    const firmware = this.#firmware?.text
    const uuid = this.#uuid?.text
    const boot = this.#boot && publicBoot(this.#boot)
    const timeline = [...this.#timeline]
    return { mac, address, name, firmware, uuid, isBooting, boot, received, lastSeen, timeline }
  }

  #remember(step: MachineStep): void {
    const last = this.#timeline.at(-1)
    const isSameTrouble = step.step === 'trouble' && last?.detail === step.detail
    if (last?.step === step.step && (REPEATED.has(step.step) || isSameTrouble)) this.#timeline.pop()
    this.#timeline.push(step)
    if (this.#timeline.length > TIMELINE_LIMIT) this.#timeline.shift()
  }
}

function newBoot(number: number, step: MachineStep, progress: ClientProgress | undefined): CurrentBoot {
  const { time } = step
  const times = { [step.step]: time }
  return {
    number,
    startedAt: time,
    times,
    step,
    since: time,
    movedAt: time,
    trouble: undefined,
    progress,
    stuck: undefined,
  }
}

function moveOn(boot: CurrentBoot, step: MachineStep, progress: ClientProgress | undefined): void {
  const isNew = boot.step.step !== step.step
  // An older menu sends words alone.
  const hasMore = progress === undefined ? boot.step.detail !== step.detail : progress.done > (boot.progress?.done ?? 0)
  // That it downloads and has nothing yet is no way further than that it begins to.
  const isFurther = isNew && !(step.step === 'progress' && progress?.done === 0)
  if (isNew) boot.since = step.time
  if (isFurther || hasMore) {
    boot.movedAt = step.time
    boot.trouble = undefined
  }
  // A download that begins anew has no numbers yet.
  if (progress !== undefined || step.step === 'download') boot.progress = progress
  boot.step = step
}

function publicBoot({ number, startedAt, step, since, times, progress, stuck }: CurrentBoot): Boot {
  return { number, startedAt, step, since, times: { ...times }, progress, stuck }
}

/** What the host knows is not replaced by what a machine says. */
function better(before: Said | undefined, text: string | undefined, source: Source): Said | undefined {
  if (text === undefined || (before?.source === 'host' && source === 'client')) return before
  return { text, source }
}
