/** What the picture of the swarm is drawn with: lines, arrows, machines with their rings, the server. */

import type { StatusMachine } from '../../status/model.ts'
import { partsOf } from './flows.ts'
import { type Layout, type Place, pointOn } from './layout.ts'
import { nameOf } from './store.ts'

/** Of the page's style sheet, for light and dark. */
export interface Colours {
  readonly server: string
  readonly peers: string
  readonly good: string
  readonly bad: string
  readonly wait: string
  readonly track: string
  readonly text: string
  readonly dim: string
  readonly panel: string
}

export function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    server: of('server'),
    peers: of('peers'),
    good: of('good'),
    bad: of('bad'),
    wait: of('wait'),
    track: of('track'),
    text: of('text'),
    dim: of('dim'),
    panel: of('panel'),
  }
}

interface Curve {
  readonly from: Place
  readonly middle: Place
  readonly to: Place
}

export function drawLine(
  context: CanvasRenderingContext2D,
  colour: string,
  curve: Curve & { readonly speed: number },
): void {
  const { from, middle, to, speed } = curve
  context.globalAlpha = 0.28
  context.strokeStyle = colour
  context.lineWidth = Math.max(0.8, Math.min(4, Math.log2(speed / 100_000) * 0.55))
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.quadraticCurveTo(middle.x, middle.y, to.x, to.y)
  context.stroke()
  context.globalAlpha = 1
}

export function drawArrow(context: CanvasRenderingContext2D, colour: string, { from, middle, to }: Curve): void {
  const tip = pointOn(from, middle, to, 0.6)
  const before = pointOn(from, middle, to, 0.57)
  const angle = Math.atan2(tip.y - before.y, tip.x - before.x)
  context.globalAlpha = 0.75
  context.fillStyle = colour
  context.beginPath()
  context.moveTo(tip.x, tip.y)
  for (const side of [2.7, -2.7]) context.lineTo(tip.x + Math.cos(angle + side) * 8, tip.y + Math.sin(angle + side) * 8)
  context.fill()
  context.globalAlpha = 1
}

export function drawMachine(
  context: CanvasRenderingContext2D,
  colours: Colours,
  machine: StatusMachine,
  { x, y }: Place,
  { radius, hasNames }: Layout,
): void {
  const colour = toneColour(colours, machine)
  context.fillStyle = colours.panel
  circle(context, x, y, radius)
  context.fill()
  context.globalAlpha = machine.phase === 'started' ? 0.9 : 0.22
  context.fillStyle = colour
  circle(context, x, y, radius * 0.72)
  context.fill()
  context.globalAlpha = 1
  drawParts(context, colours.track, colour, machine, { x, y }, radius)
  if (radius >= 9) drawSign(context, colours, machine, { x, y }, radius)
  if (!hasNames) return
  context.fillStyle = colours.text
  context.font = `${Math.round(Math.max(10, Math.min(14, radius * 0.62)))}px system-ui, sans-serif`
  context.textAlign = 'center'
  context.textBaseline = 'top'
  context.fillText(shortName(machine, radius), x, y + radius + 4)
}

/** The ring: each of 64 parts that is here. */
function drawParts(
  context: CanvasRenderingContext2D,
  track: string,
  colour: string,
  { progress, phase }: StatusMachine,
  { x, y }: Place,
  radius: number,
): void {
  context.lineWidth = Math.max(2, radius * 0.24)
  context.strokeStyle = phase === 'started' ? colour : track
  circle(context, x, y, radius)
  context.stroke()
  if (progress?.pieces == null || phase === 'started') return
  context.strokeStyle = colour
  context.beginPath()
  partsOf(progress.pieces).forEach((isHere, part) => {
    if (!isHere) return
    const start = (part / 64) * 2 * Math.PI - Math.PI / 2
    const end = start + (2 * Math.PI) / 64 + 0.01
    context.moveTo(x + Math.cos(start) * radius, y + Math.sin(start) * radius)
    context.arc(x, y, radius, start, end)
  })
  context.stroke()
}

/** Inside: how far it is, for colours alone are not for everybody. */
function drawSign(
  context: CanvasRenderingContext2D,
  colours: Colours,
  machine: StatusMachine,
  { x, y }: Place,
  radius: number,
): void {
  const { phase, stuck, progress } = machine
  const sign =
    stuck !== null ? '!' : phase === 'started' ? '✓' : phase === 'seeding' ? '↑' : percentOf(progress?.percent, radius)
  context.fillStyle = phase === 'started' && stuck === null ? colours.panel : colours.text
  context.font = `600 ${Math.round(radius * (sign.length > 2 ? 0.6 : 0.75))}px system-ui, sans-serif`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(sign, x, y + 1)
}

function percentOf(percent: number | undefined, radius: number): string {
  if (percent === undefined) return '·'
  return radius >= 14 ? `${percent}` : ''
}

export function drawServer(
  context: CanvasRenderingContext2D,
  colours: Colours,
  { server, serverRadius }: Layout,
): void {
  const { x, y } = server
  context.fillStyle = colours.server
  circle(context, x, y, serverRadius)
  context.fill()
  context.strokeStyle = colours.panel
  context.lineWidth = 3
  context.stroke()
  // A rack of three.
  context.fillStyle = colours.panel
  const unit = serverRadius * 0.28
  for (const row of [-1, 0, 1])
    context.fillRect(x - unit * 1.8, y + row * unit * 1.25 - unit * 0.4, unit * 3.6, unit * 0.8)
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
}

function toneColour(colours: Colours, { stuck, phase }: StatusMachine): string {
  if (stuck !== null) return colours.bad
  if (phase === 'download') return colours.peers
  return phase === 'seeding' || phase === 'started' ? colours.good : colours.wait
}

function shortName(machine: StatusMachine, radius: number): string {
  const name = machine.name ?? nameOf(machine).slice(-5)
  const most = Math.max(5, Math.round(radius / 2))
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`
}
