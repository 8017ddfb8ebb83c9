/** Curves of speed as paths of SVG. */
import type { StatusTraffic } from '../../status/model.ts'

/** Milliseconds that the curve of the room shows. */
export const SPAN = 600_000

/**
 * An area under a curve, in a box of `width` × `height` whose origin is at its top left.
 *
 * @param points from 0 to 1 each, x from left to right, y from the bottom
 */
export function area(points: readonly (readonly [x: number, y: number])[], width: number, height: number): string {
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined) return ''
  const at = (x: number, y: number) => `${(x * width).toFixed(1)},${(height - y * height).toFixed(1)}`
  return `M${at(first[0], 0)}L${points.map(([x, y]) => at(x, y)).join('L')}L${at(last[0], 0)}Z`
}

export interface Curves {
  readonly server: string
  readonly peers: string
  /** Bytes per second at the upper edge. */
  readonly top: number
}

/** The server's part lies at the bottom, what machines give each other on top of it. */
export function trafficCurves(traffic: readonly StatusTraffic[], time: number, width: number, height: number): Curves {
  const shown = traffic.filter((sample) => time - sample.time < SPAN)
  const top = niceTop(Math.max(1000, ...shown.map(({ server, peers }) => server + peers)))
  const x = (sample: StatusTraffic) => Math.min(1, Math.max(0, 1 - (time - sample.time) / SPAN))
  const server = shown.map((sample) => [x(sample), sample.server / top] as const)
  const both = shown.map((sample) => [x(sample), (sample.server + sample.peers) / top] as const)
  return { server: area(server, width, height), peers: area(both, width, height), top }
}

/** The next of 1, 2, 5, 10, 20, … */
export function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power
}
