/** The room: a tile for each machine. Tab leads to it once; arrows go from tile to tile. */
import type { StatusMachine } from '../../status/model.ts'
import { make, setData, setText } from './dom.ts'
import { nameOf } from './store.ts'
import { speedWords, stepWords, toneOf, wayOf } from './words.ts'

interface Tile {
  readonly item: HTMLLIElement
  readonly button: HTMLButtonElement
  readonly name: HTMLElement
  readonly speed: HTMLElement
  readonly step: HTMLElement
  readonly filled: HTMLElement
}

export class Grid {
  readonly #list: HTMLElement
  readonly #tiles = new Map<string, Tile>()
  readonly #onPick: (mac: string) => void

  constructor(list: HTMLElement, onPick: (mac: string) => void) {
    this.#list = list
    this.#onPick = onPick
    list.addEventListener('keydown', (event) => this.#move(event))
  }

  show(machines: readonly StatusMachine[]): void {
    const wanted = new Set(machines.map(({ mac }) => mac))
    for (const [mac, { item }] of this.#tiles) {
      if (wanted.has(mac)) continue
      item.remove()
      this.#tiles.delete(mac)
    }
    machines.forEach((machine, index) => {
      const tile = this.#tiles.get(machine.mac) ?? this.#make(machine.mac)
      if (this.#list.children[index] !== tile.item)
        this.#list.insertBefore(tile.item, this.#list.children[index] ?? null)
      fill(tile, machine)
    })
    const buttons = this.#buttons()
    if (!buttons.some(({ tabIndex }) => tabIndex === 0) && buttons[0]) buttons[0].tabIndex = 0
  }

  #make(mac: string): Tile {
    const item = make('li')
    const button = make('button', 'tile')
    button.type = 'button'
    button.tabIndex = -1
    const [name, speed, step] = [make('span', 'name'), make('span', 'speed'), make('span', 'step')]
    const meter = make('span', 'meter')
    const filled = make('i')
    meter.append(filled)
    button.append(name, speed, step, meter)
    button.addEventListener('click', () => this.#onPick(mac))
    item.append(button)
    const tile = { item, button, name, speed, step, filled }
    this.#tiles.set(mac, tile)
    return tile
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.#list.querySelectorAll('button')]
  }

  #move(event: KeyboardEvent): void {
    const buttons = this.#buttons()
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    if (at < 0) return
    const top = buttons[0]?.offsetTop
    const row = buttons.filter(({ offsetTop }) => offsetTop === top).length
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }
    const step = steps[event.key]
    const next = step === undefined ? undefined : buttons[at + step]
    if (next === undefined) return
    event.preventDefault()
    for (const button of buttons) button.tabIndex = -1
    next.tabIndex = 0
    next.focus()
  }
}

function fill({ button, name, speed, step, filled }: Tile, machine: StatusMachine): void {
  setText(name, nameOf(machine))
  setText(speed, speedWords(machine))
  setText(step, stepWords(machine))
  setData(button, 'tone', toneOf(machine))
  setData(button, 'mac', machine.mac)
  const transform = `scaleX(${wayOf(machine).toFixed(3)})`
  if (filled.style.transform !== transform) filled.style.transform = transform
}
