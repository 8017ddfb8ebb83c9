/** Where the machines stand in the picture: on rings around the server, each in its place as long as the room is the same. */

export interface Place {
  readonly x: number
  readonly y: number
}

export interface Layout {
  readonly server: Place
  readonly places: readonly Place[]
  /** Radius of a machine. */
  readonly radius: number
  readonly serverRadius: number
  /** Whether there is room for a short name below each machine. */
  readonly hasNames: boolean
}

/** Machines that one ring takes before there is another one. */
const ON_ONE_RING = 18
/** Pixels that a short name takes, and what is left free around it. */
const NAME_WIDTH = 46
const NAME_HEIGHT = 24

/** @param width and `height` of the picture, in pixels */
export function layOut(count: number, width: number, height: number): Layout {
  const rings = count <= ON_ONE_RING ? 1 : count <= 48 ? 2 : count <= 110 ? 3 : 4
  const server = { x: width / 2, y: height / 2 }
  const largest = Math.min(width, height) / 2
  const wanted = Math.max(4, Math.min(26, (largest * 0.62) / Math.sqrt(Math.max(count, 4))))
  const outer = { x: width / 2 - wanted - 14, y: height / 2 - wanted - 22 }
  const shares = Array.from({ length: rings }, (_, ring) => (rings === 1 ? 1 : 0.46 + (0.54 * ring) / (rings - 1)))
  const total = shares.reduce((sum, share) => sum + share, 0)
  const places: Place[] = []
  for (const [ring, share] of shares.entries()) {
    const left = count - places.length
    const here = ring === rings - 1 ? left : Math.min(left, Math.round((count * share) / total))
    // Every other ring is turned by half a step, so that nobody stands in the shadow of another.
    const ellipse = { x: outer.x * share, y: outer.y * share }
    for (const angle of anglesOn(ellipse, here, (ring % 2) / 2)) {
      places.push({ x: server.x + Math.cos(angle) * ellipse.x, y: server.y + Math.sin(angle) * ellipse.y })
    }
  }
  const spacing = spacingOf(places)
  const hasNames = wanted >= 11 && spacing >= NAME_WIDTH
  return {
    server,
    places,
    // Rather small than standing on the name of the one above.
    radius: hasNames ? Math.min(wanted, (spacing - NAME_HEIGHT) / 2) : wanted,
    hasNames,
    serverRadius: Math.max(16, Math.min(34, largest * 0.12)),
  }
}

/** Pieces that an ellipse is measured in. */
const STEPS = 720

/** Angles at which so many machines stand at equal distances on an ellipse, the first one above, turned by part of a step. */
function anglesOn(ellipse: Place, count: number, turn: number): number[] {
  const angleOf = (step: number) => (step / STEPS) * 2 * Math.PI - Math.PI / 2
  const point = (step: number) => ({ x: Math.cos(angleOf(step)) * ellipse.x, y: Math.sin(angleOf(step)) * ellipse.y })
  const lengths = [0]
  for (let step = 1; step <= STEPS; step++) {
    const [before, here] = [point(step - 1), point(step)]
    lengths.push((lengths[step - 1] ?? 0) + Math.hypot(here.x - before.x, here.y - before.y))
  }
  const whole = lengths[STEPS] ?? 0
  return Array.from({ length: count }, (_, index) => {
    const wanted = ((index + turn) / count) * whole
    return angleOf(lengths.findIndex((length) => length >= wanted))
  })
}

/** Pixels between the middles of two machines that stand side by side, at the narrowest place. */
function spacingOf(places: readonly Place[]): number {
  let narrowest = Number.POSITIVE_INFINITY
  for (const [index, place] of places.entries()) {
    const next = places[index + 1]
    if (next !== undefined) narrowest = Math.min(narrowest, Math.hypot(next.x - place.x, next.y - place.y))
  }
  return narrowest
}

/** The middle point of the curve from one machine to another: bent, so that both directions can be told apart. */
export function bend(from: Place, to: Place): Place {
  const across = 0.16
  return { x: (from.x + to.x) / 2 - (to.y - from.y) * across, y: (from.y + to.y) / 2 + (to.x - from.x) * across }
}

/** A point of a quadratic Bézier curve, `at` from 0 to 1. */
export function pointOn(from: Place, middle: Place, to: Place, at: number): Place {
  const rest = 1 - at
  const x = rest * rest * from.x + 2 * rest * at * middle.x + at * at * to.x
  const y = rest * rest * from.y + 2 * rest * at * middle.y + at * at * to.y
  return { x, y }
}
