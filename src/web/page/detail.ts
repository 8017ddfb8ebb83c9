/** One machine with its timeline, in a dialog. */

import type { StatusMachine, StatusMachineDetail, StatusStep } from '../../status/model.ts'
import { formatBytes, formatDuration, formatSpeed } from '../../ui/format.ts'
import { area } from './curves.ts'
import { byId, clock, make, setText } from './dom.ts'
import { nameOf } from './store.ts'
import { stepWords } from './words.ts'

/** Samples of the curve of one machine. */
const SAMPLES = 120

export class Detail {
  readonly #dialog = byId<HTMLDialogElement>('detail')
  /** Speeds of each machine since the page was opened: down and up. */
  readonly #speeds = new Map<string, [down: number, up: number][]>()
  #mac: string | undefined
  #asked: string | undefined

  constructor() {
    this.#dialog.addEventListener('close', () => {
      this.#mac = undefined
    })
  }

  get mac(): string | undefined {
    return this.#mac
  }

  open(machine: StatusMachine, time: number): void {
    this.#mac = machine.mac
    this.#asked = undefined
    byId('detail-timeline').replaceChildren()
    this.show(machine, time)
    this.#dialog.showModal()
  }

  /** Notes how fast each machine is. */
  measure(machines: readonly StatusMachine[]): void {
    const known = new Set(machines.map(({ mac }) => mac))
    for (const mac of this.#speeds.keys()) if (!known.has(mac)) this.#speeds.delete(mac)
    for (const { mac, progress } of machines) {
      const speeds = this.#speeds.get(mac) ?? []
      speeds.push([progress?.down ?? 0, progress?.up ?? 0])
      if (speeds.length > SAMPLES) speeds.shift()
      this.#speeds.set(mac, speeds)
    }
  }

  /** Shows the newest of the machine that is open. */
  show(machine: StatusMachine, time: number): void {
    if (machine.mac !== this.#mac) return
    setText(byId('detail-title'), nameOf(machine))
    byId('detail-facts').replaceChildren(
      ...facts(machine, time).flatMap(([term, text]) => [make('dt', '', term), make('dd', '', text)]),
    )
    const reason = byId('detail-stuck')
    reason.hidden = machine.stuck === null
    if (machine.stuck !== null) {
      const since = formatDuration((time - machine.stuck.since) / 1000)
      setText(reason, `Stuck for ${since}: ${machine.stuck.reason}`)
    }
    byId<SVGSVGElement>('detail-curve').style.display = machine.progress === null ? 'none' : ''
    this.#drawCurve(machine.mac)
    void this.#readTimeline(machine)
  }

  #drawCurve(mac: string): void {
    const speeds = this.#speeds.get(mac) ?? []
    const top = Math.max(1, ...speeds.flat())
    const points = (index: 0 | 1) =>
      speeds.map((pair, at) => [1 - (speeds.length - 1 - at) / SAMPLES, pair[index] / top] as const)
    byId<SVGPathElement>('detail-down').setAttribute('d', area(points(0), 120, 40))
    const up = points(1).map(([x, y]) => `${(x * 120).toFixed(1)},${(40 - y * 40).toFixed(1)}`)
    byId<SVGPathElement>('detail-up').setAttribute('d', up.length > 1 ? `M${up.join('L')}` : '')
  }

  /** The timeline is asked for when the machine has made a step: it does not come with every change. */
  async #readTimeline({ mac, step }: StatusMachine): Promise<void> {
    const asked = `${mac} ${step.step} ${step.time}`
    if (asked === this.#asked) return
    this.#asked = asked
    const answer = await fetch(`/api/machine?mac=${encodeURIComponent(mac)}`).catch(() => undefined)
    if (!answer?.ok || mac !== this.#mac) return
    const { timeline } = (await answer.json()) as StatusMachineDetail
    byId('detail-timeline').replaceChildren(...[...timeline].reverse().map(timelineItem))
  }
}

function facts(machine: StatusMachine, time: number): [term: string, text: string][] {
  const { mac, address, firmware, progress, received, boot, lastSeen } = machine
  const known: [string, string | null][] = [
    ['MAC address', mac],
    ['Address', address],
    ['Firmware', firmware],
    ['Step', stepWords(machine)],
    ['Boot', `number ${boot.number}, since ${clock(boot.startedAt)}`],
    ['Download', progress && `${formatBytes(progress.done)} of ${formatBytes(progress.total)}`],
    ['Speed', progress && `↓ ${formatSpeed(progress.down)}  ↑ ${formatSpeed(progress.up)}`],
    [
      'It says it got',
      progress &&
        `${formatBytes(progress.fromServer)} from the server, ${formatBytes(progress.fromPeers)} from machines`,
    ],
    ['The server sent it', received > 0 ? formatBytes(received) : null],
    ['Last seen', `${formatDuration((time - lastSeen) / 1000)} ago`],
  ]
  return known.flatMap(([term, text]) => (text === null ? [] : [[term, text] as [string, string]]))
}

function timelineItem({ time, step, detail, source }: StatusStep): HTMLElement {
  const item = make('li', step === 'discover' ? 'boot' : '')
  item.dataset.source = source
  item.title = source === 'client' ? 'The machine says so' : 'The server saw it'
  item.append(make('time', '', clock(time)), make('b', '', step), make('span', '', detail))
  return item
}
