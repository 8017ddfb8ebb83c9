import { describe, expect, it } from 'vitest'
import type { StatusMachine, StatusProgress } from '../../../src/status/index.ts'
import { niceTop, trafficCurves } from '../../../src/web/page/curves.ts'
import { flowsOf, partsOf, spreadOf } from '../../../src/web/page/flows.ts'
import { layOut } from '../../../src/web/page/layout.ts'

const time = 1_000_000

function machine(mac: string, peers: StatusProgress['peers'], changes: Partial<StatusMachine> = {}): StatusMachine {
  const progress = { done: 1, total: 2, percent: 50, down: 0, up: 0, fromServer: 0, fromPeers: 0, pieces: null, peers }
  const step = { time, step: 'progress', detail: '', source: 'client' as const }
  return {
    mac,
    name: null,
    address: null,
    firmware: null,
    isBooting: true,
    phase: 'download',
    step,
    since: time,
    boot: { number: 1, startedAt: time, seconds: null, times: {} },
    stuck: null,
    progress,
    received: 0,
    lastSeen: time,
    ...changes,
  }
}

describe('who sends to whom', () => {
  it('is what machines report, the fastest first, each flow once', () => {
    const machines = [
      machine('a', [
        { id: 'server', down: 9000, up: 0 },
        { id: 'b', down: 1000, up: 5000 },
      ]),
      machine('b', [{ id: 'a', down: 4000, up: 900 }]),
    ]
    expect(flowsOf(machines, time)).toEqual([
      { from: 'server', to: 'a', speed: 9000 },
      { from: 'a', to: 'b', speed: 4000 },
      { from: 'b', to: 'a', speed: 1000 },
    ])
  })

  it('leaves out strangers, whispers, machines of which nothing was heard and those that have started', () => {
    const peers = [{ id: 'server', down: 9000, up: 0 }]
    const machines = [
      machine('a', [
        { id: '192.0.2.99', down: 9000, up: 0 },
        { id: 'server', down: 20, up: 0 },
      ]),
      machine('b', peers, { lastSeen: time - 60_000 }),
      machine('c', peers, { phase: 'started' }),
    ]
    expect(flowsOf(machines, time)).toEqual([])
  })
})

it('parts are read from the highest bit on, and their spread is the share of machines that have each', () => {
  expect(partsOf('8001').map(Number)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  const half = machine('a', [])
  const machines = ['f000000000000000', '3000000000000000'].map((pieces) => ({
    ...half,
    progress: { ...(half.progress as StatusProgress), pieces },
  }))
  expect(spreadOf(machines).slice(0, 5)).toEqual([0.5, 0.5, 1, 1, 0])
})

describe('the picture', () => {
  it.each([1, 2, 12, 24, 60, 100, 200])('has a place inside it for each of %d machines, none on another', (count) => {
    const { places, radius } = layOut(count, 900, 600)
    expect(places).toHaveLength(count)
    for (const [index, { x, y }] of places.entries()) {
      expect(x).toBeGreaterThan(0)
      expect(x).toBeLessThan(900)
      expect(y).toBeGreaterThan(0)
      expect(y).toBeLessThan(600)
      for (const other of places.slice(index + 1)) expect(Math.hypot(other.x - x, other.y - y)).toBeGreaterThan(radius)
    }
  })

  it.each([
    ['a screen', 12, 760, 640],
    ['a telephone', 12, 340, 320],
    ['a projector', 100, 1200, 800],
  ])('keeps machines clear of the names above them on %s', (_what, count, width, height) => {
    const { places, radius, hasNames } = layOut(count, width, height)
    expect(hasNames).toBe(true)
    const gaps = places
      .slice(1)
      .map(({ x, y }, index) => Math.hypot(x - (places[index]?.x ?? 0), y - (places[index]?.y ?? 0)))
    expect(Math.min(...gaps) - 2 * radius).toBeGreaterThanOrEqual(23.9)
    expect(radius).toBeGreaterThanOrEqual(11)
  })

  it('leaves names out where there is no room for them', () => {
    expect(layOut(200, 900, 600).hasNames).toBe(false)
  })

  it('leaves everybody in place as long as the room is the same', () => {
    expect(layOut(24, 900, 600)).toEqual(layOut(24, 900, 600))
  })
})

describe('the curve of speed', () => {
  it('has a round number at its top', () => {
    expect([1000, 1001, 4200, 51_000_000].map(niceTop)).toEqual([1000, 2000, 5000, 100_000_000])
  })

  it('is empty without traffic, and stays in its box', () => {
    expect(trafficCurves([], time, 300, 100)).toMatchObject({ server: '', peers: '' })
    const { server, peers } = trafficCurves([{ time, server: 500, peers: 500 }], time, 300, 100)
    expect(server).toBe('M300.0,100.0L300.0,50.0L300.0,100.0Z')
    expect(peers).toBe('M300.0,100.0L300.0,0.0L300.0,100.0Z')
  })
})
