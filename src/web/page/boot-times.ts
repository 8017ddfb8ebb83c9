/** How long each machine took from its first DISCOVER to the start of its system, and with what. */

import type { StatusMachine } from '../../status/model.ts'
import { formatDuration } from '../../ui/format.ts'
import { make, setData, setText } from './dom.ts'
import { nameOf } from './store.ts'

/** The parts of a boot, each with the steps that may begin it. */
const parts: readonly (readonly [className: string, steps: readonly string[]])[] = [
  ['p-firmware', ['discover', 'address', 'loader', 'script']],
  ['p-kernel', ['kernel', 'segments']],
  ['p-menu', ['phase1', 'menu']],
  ['p-download', ['download', 'progress']],
  ['p-seeding', ['complete', 'seeding']],
]

export interface BootPart {
  readonly className: string
  /** Seconds. */
  readonly seconds: number
}

/** @param time now, for a boot that is under way */
export function bootParts({ boot, phase, stuck }: StatusMachine, time: number): BootPart[] {
  const isOver = boot.seconds !== null || phase === 'failed'
  const end = boot.seconds !== null ? boot.startedAt + boot.seconds * 1000 : (stuck?.since ?? time)
  const begun = parts.flatMap(([className, steps]) => {
    const times = steps.flatMap((step) => boot.times[step] ?? [])
    return times.length > 0 ? [{ className, at: Math.min(...times) }] : []
  })
  begun.sort((one, other) => one.at - other.at)
  const last = isOver ? end : time
  return begun.map(({ className, at }, index) => {
    return { className, seconds: Math.max(0, ((begun[index + 1]?.at ?? last) - at) / 1000) }
  })
}

export class BootTimes {
  readonly #list: HTMLElement
  readonly #rows = new Map<string, HTMLLIElement>()

  constructor(list: HTMLElement) {
    this.#list = list
  }

  show(machines: readonly StatusMachine[], time: number): void {
    const rows = machines.map((machine) => {
      const shown = bootParts(machine, time)
      return { machine, shown, seconds: shown.reduce((sum, { seconds }) => sum + seconds, 0) }
    })
    const longest = Math.max(1, ...rows.map(({ seconds }) => seconds))
    const known = new Set(machines.map(({ mac }) => mac))
    for (const [mac, row] of this.#rows) {
      if (known.has(mac)) continue
      row.remove()
      this.#rows.delete(mac)
    }
    rows.forEach(({ machine, shown, seconds }, index) => {
      const row = this.#rows.get(machine.mac) ?? this.#make(machine.mac)
      if (this.#list.children[index] !== row) this.#list.insertBefore(row, this.#list.children[index] ?? null)
      const [name, bars, total] = [...row.children] as [HTMLElement, HTMLElement, HTMLElement]
      setText(name, nameOf(machine))
      setText(total, formatDuration(seconds))
      setData(row, 'running', machine.boot.seconds === null ? '' : undefined)
      fillBars(bars, shown, longest)
    })
  }

  #make(mac: string): HTMLLIElement {
    const row = make('li', 'time')
    const bars = make('span', 'bars')
    bars.ariaHidden = 'true'
    row.append(make('span', 'name'), bars, make('span', 'seconds'))
    this.#rows.set(mac, row)
    return row
  }
}

function fillBars(bars: HTMLElement, shown: readonly BootPart[], longest: number): void {
  while (bars.children.length > shown.length) bars.lastChild?.remove()
  while (bars.children.length < shown.length) bars.append(make('i'))
  shown.forEach(({ className, seconds }, index) => {
    const bar = bars.children[index] as HTMLElement
    const width = `${((seconds / longest) * 100).toFixed(1)}%`
    if (bar.className !== className) bar.className = className
    if (bar.style.width !== width) bar.style.width = width
  })
}
