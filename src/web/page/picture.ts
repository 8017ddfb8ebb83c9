/**
 * The swarm as a moving picture: the server in the middle, machines around it with a ring of the parts they have, and dots that
 * run from who sends to who receives. What stands still is drawn when something changes, the dots for each frame.
 */

import type { StatusMachine } from '../../status/model.ts'
import { formatSpeed } from '../../ui/format.ts'
import { type Colours, coloursOf, drawArrow, drawLine, drawMachine, drawServer } from './draw.ts'
import { type Flow, flowsOf } from './flows.ts'
import { bend, type Layout, layOut, type Place, pointOn } from './layout.ts'

/** Dots in the picture, at most, so that a slow computer keeps up. */
const DOTS = 420
const FLOWS = 240
/** Seconds that a dot takes for its way. */
const WAY = 1.4
const ARROWS = 80

interface Dot {
  readonly from: Place
  readonly middle: Place
  readonly to: Place
  readonly isServer: boolean
  readonly phase: number
  /** Where on the curve it appears and vanishes: at the edges of the two circles. */
  readonly start: number
  readonly end: number
}

export class Picture {
  readonly #box: HTMLElement
  readonly #still: HTMLCanvasElement
  readonly #moving: HTMLCanvasElement
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)')
  #machines: readonly StatusMachine[] = []
  #flows: readonly Flow[] = []
  #dots: readonly Dot[] = []
  #layout: Layout = layOut(0, 1, 1)
  #onPick: (mac: string) => void = () => {}
  #isRunning = false
  #spokenAt = 0

  constructor(box: HTMLElement, still: HTMLCanvasElement, moving: HTMLCanvasElement) {
    this.#box = box
    this.#still = still
    this.#moving = moving
    new ResizeObserver(() => this.redraw()).observe(box)
    moving.addEventListener('click', (event) => this.#pick(event))
  }

  /** Calls back when a machine is clicked on; with the keyboard they are chosen in the list of machines. */
  onPick(callback: (mac: string) => void): void {
    this.#onPick = callback
  }

  get flows(): readonly Flow[] {
    return this.#flows
  }

  /** @param machines in the order in which they stand */
  show(machines: readonly StatusMachine[], time: number): void {
    this.#machines = machines
    this.#flows = flowsOf(machines, time)
    this.redraw()
    this.#speak()
    if (!this.#isRunning) this.#run()
  }

  /** Draws everything anew, in the colours and the size of now. */
  redraw(): void {
    const { clientWidth: width, clientHeight: height } = this.#box
    if (width === 0 || height === 0) return
    const scale = Math.min(2, devicePixelRatio)
    for (const canvas of [this.#still, this.#moving]) resize(canvas, width, height, scale)
    this.#layout = layOut(this.#machines.length, width, height)
    const context = this.#still.getContext('2d')
    if (context === null) return
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.clearRect(0, 0, width, height)
    const colours = coloursOf(this.#box)
    this.#dots = this.#drawFlows(context, colours)
    this.#machines.forEach((machine, index) => {
      const place = this.#layout.places[index]
      if (place !== undefined) drawMachine(context, colours, machine, place, this.#layout)
    })
    drawServer(context, colours, this.#layout)
  }

  /** Draws the lines and returns the dots that run on them: the faster, the more. */
  #drawFlows(context: CanvasRenderingContext2D, colours: Colours): Dot[] {
    const { server, places } = this.#layout
    const where = new Map(this.#machines.map(({ mac }, index) => [mac, places[index] ?? server]))
    const shown = this.#flows.slice(0, FLOWS)
    const wanted = shown.map(({ speed }) => Math.max(1, Math.min(6, Math.log2(speed / 100_000))))
    const factor = Math.min(
      1,
      DOTS /
        Math.max(
          1,
          wanted.reduce((sum, dots) => sum + dots, 0),
        ),
    )
    const dots: Dot[] = []
    shown.forEach((flow, index) => {
      const isServer = flow.from === 'server'
      const from = isServer ? server : where.get(flow.from)
      const to = where.get(flow.to)
      if (from === undefined || to === undefined) return
      const middle = isServer ? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 } : bend(from, to)
      drawLine(context, isServer ? colours.server : colours.peers, { from, middle, to, speed: flow.speed })
      if (index < ARROWS) drawArrow(context, isServer ? colours.server : colours.peers, { from, middle, to })
      const count = Math.max(1, Math.round((wanted[index] ?? 1) * factor))
      // The same flow has its dots in the same places after the next change.
      const offset = hash(flow.from + flow.to)
      const length = Math.hypot(to.x - from.x, to.y - from.y)
      const start = Math.min(0.4, ((isServer ? this.#layout.serverRadius : this.#layout.radius) + 3) / length)
      const end = 1 - Math.min(0.4, (this.#layout.radius + 5) / length)
      for (let dot = 0; dot < count; dot++) {
        dots.push({ from, middle, to, isServer, phase: (offset + dot / count) % 1, start, end })
      }
    })
    return dots
  }

  #run(): void {
    this.#isRunning = true
    const colours = { at: Number.NEGATIVE_INFINITY, server: '', peers: '' }
    const frame = (now: number) => {
      if (now - colours.at > 1000) Object.assign(colours, coloursOf(this.#box), { at: now })
      this.#drawDots(now / 1000, colours)
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  }

  #drawDots(seconds: number, { server, peers }: { readonly server: string; readonly peers: string }): void {
    const context = this.#moving.getContext('2d')
    if (context === null) return
    const { clientWidth: width } = this.#box
    const scale = this.#moving.width / Math.max(1, width)
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.clearRect(0, 0, this.#moving.width, this.#moving.height)
    if (this.#calm.matches) return
    const size = this.#layout.radius > 12 ? 2.6 : 2
    for (const isServer of [false, true]) {
      context.fillStyle = isServer ? server : peers
      context.beginPath()
      for (const dot of this.#dots) {
        if (dot.isServer !== isServer) continue
        const way = (seconds / WAY + dot.phase) % 1
        const { x, y } = pointOn(dot.from, dot.middle, dot.to, dot.start + way * (dot.end - dot.start))
        context.moveTo(x + size, y)
        context.arc(x, y, size, 0, 2 * Math.PI)
      }
      context.fill()
    }
  }

  /** What the picture shows, in words, now and then. */
  #speak(): void {
    const now = performance.now()
    if (this.#spokenAt > 0 && now - this.#spokenAt < 3000) return
    this.#spokenAt = now
    const sum = (flows: readonly Flow[]) => flows.reduce((all, { speed }) => all + speed, 0)
    const ofServer = this.#flows.filter(({ from }) => from === 'server')
    const ofMachines = this.#flows.filter(({ from }) => from !== 'server')
    const words =
      this.#flows.length === 0
        ? 'Nobody downloads just now'
        : `The server sends ${formatSpeed(sum(ofServer))} to ${ofServer.length} machines; ` +
          `machines send each other ${formatSpeed(sum(ofMachines))} on ${ofMachines.length} ways`
    this.#box.setAttribute('aria-label', words)
  }

  #pick(event: MouseEvent): void {
    const { places, radius } = this.#layout
    const index = places.findIndex(({ x, y }) => Math.hypot(x - event.offsetX, y - event.offsetY) <= radius + 6)
    const machine = this.#machines[index]
    if (machine !== undefined) this.#onPick(machine.mac)
  }
}

function resize(canvas: HTMLCanvasElement, width: number, height: number, scale: number): void {
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)]
  if (canvas.width !== wide) canvas.width = wide
  if (canvas.height !== high) canvas.height = high
}

/** A number from 0 to 1 that looks random and is always the same for the same text. */
function hash(text: string): number {
  let value = 0
  for (const letter of text) value = (value * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return value / 9973
}
