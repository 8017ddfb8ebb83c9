import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientProgress } from '../../../client/contract.ts'
import { createMachines, type Machines } from '../../../src/machines/index.ts'
import { createStatusBoard, type StatusBoard, type StatusChange } from '../../../src/status/index.ts'

const first = '52:54:00:00:00:01'
const second = '52:54:00:00:00:02'
const infoHash = 'a'.repeat(40)

let now: number
let machines: Machines
let board: StatusBoard
let changes: StatusChange[]

beforeEach(() => {
  now = 1_000_000
  machines = createMachines({ now: () => now })
  board = createStatusBoard({
    machines,
    server: { program: '0.1.0', interface: 'eth0', address: '192.0.2.1' },
    now: () => now,
  })
  changes = []
  board.on('change', (change) => changes.push(change))
  board.tick()
  changes = []
})

function numbers(peers: ClientProgress['peers']): ClientProgress {
  return { done: 999, total: 1000, down: 30, up: 4, fromServer: 600, fromPeers: 399, pieces: 'f'.repeat(16), peers }
}

describe('the status', () => {
  it('tells each machine with its numbers, and who is behind the addresses of its peers', () => {
    machines.bind(second, '192.0.2.8')
    machines.observe(second, 'address', '192.0.2.8')
    machines.observe(
      first,
      'progress',
      'demo 99%',
      'client',
      numbers([
        { address: '192.0.2.1', down: 20, up: 0, progress: 100 },
        { address: '192.0.2.8', down: 10, up: 4, progress: 50 },
        { address: '192.0.2.9', down: 0, up: 0, progress: 0 },
      ]),
    )
    const machine = board.snapshot().machines.find(({ mac }) => mac === first)
    expect(machine).toMatchObject({ phase: 'download', step: { step: 'progress', source: 'client' }, stuck: null })
    expect(machine?.progress).toMatchObject({ percent: 99, fromServer: 600, fromPeers: 399 })
    expect(machine?.progress?.peers).toEqual([
      { id: 'server', down: 20, up: 0 },
      { id: second, down: 10, up: 4 },
      { id: '192.0.2.9', down: 0, up: 0 },
    ])
  })

  it('tells how long a boot took once the system was started', () => {
    machines.observe(first, 'discover', 'bios')
    now += 42_500
    expect(board.snapshot().machines[0]?.boot.seconds).toBeNull()
    machines.observe(first, 'start', 'demo kexec', 'client')
    expect(board.snapshot().machines[0]).toMatchObject({ phase: 'started', boot: { seconds: 42.5 } })
  })

  it('tells the swarm of each system that is served, and of no other', () => {
    board.serve([{ name: 'demo', displayName: 'Demo', infoHash, bytes: 1000 }])
    board.countSwarms([
      { infoHash, complete: 1, incomplete: 3 },
      { infoHash: 'b'.repeat(40), complete: 1, incomplete: 0 },
    ])
    board.countSeeded([{ infoHash, uploaded: 1200 }])
    expect(board.snapshot().swarms).toEqual([
      { name: 'demo', displayName: 'Demo', infoHash, bytes: 1000, complete: 1, incomplete: 3, uploaded: 1200 },
    ])
  })

  it('can be sent as JSON and comes back the same', () => {
    machines.observe(first, 'menu', '1 system', 'client')
    const snapshot = board.snapshot()
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  })

  it('keeps the last hundred events, without progress', () => {
    for (let round = 0; round < 150; round++) {
      machines.observe(first, 'discover', String(round))
      machines.observe(first, 'progress', String(round), 'client')
    }
    const { events } = board.snapshot()
    expect(events).toHaveLength(100)
    expect(events.at(-1)).toMatchObject({ id: 150, step: 'discover', text: '149' })
  })
})

describe('changes', () => {
  it('come together, once for each machine, and not at all when nothing happened', () => {
    for (let round = 0; round < 10; round++) machines.observe(first, 'progress', `${round} %`, 'client')
    machines.observe(second, 'discover', 'bios')
    board.tick()
    board.tick()
    expect(changes).toHaveLength(1)
    expect(changes[0]?.machines?.map(({ mac }) => mac)).toEqual([first, second])
    expect(changes[0]?.events?.map(({ text }) => text)).toEqual(['bios'])
  })

  it('tell that a machine got stuck, and that it is over', () => {
    machines.discover(first, 'bios', { netboot: true, ipxe: false })
    board.tick()
    now += 31_000
    board.tick()
    expect(changes.at(-1)?.machines?.[0]?.stuck?.reason).toMatch(/takes none/)
    expect(changes.at(-1)?.events).toMatchObject([{ kind: 'stuck', mac: first, source: 'host' }])
    now += 1000
    machines.observe(first, 'address', '192.0.2.7')
    board.tick()
    expect(changes.at(-1)?.machines?.[0]?.stuck).toBeNull()
  })

  it('tell which machine is forgotten', () => {
    machines.discover(first, 'android', { netboot: false, ipxe: false })
    board.tick()
    now += 700_000
    board.tick()
    expect(changes.at(-1)?.forgotten).toEqual([first])
  })

  it('measure the traffic every two seconds: what the server counts, and what machines say of each other', () => {
    board.countSeeded([{ infoHash, uploaded: 4000 }])
    machines.observe(
      first,
      'progress',
      'demo',
      'client',
      numbers([
        { address: '192.0.2.1', down: 20, up: 0, progress: 100 },
        { address: '192.0.2.8', down: 10, up: 4, progress: 50 },
      ]),
    )
    now += 2000
    board.tick()
    expect(changes.at(-1)?.traffic).toEqual([{ time: now, server: 2000, peers: 10 }])
    // The seeder crashed and counts from the beginning.
    board.countSeeded([{ infoHash, uploaded: 1000 }])
    now += 2000
    board.tick()
    expect(changes.at(-1)?.traffic).toEqual([{ time: now, server: 500, peers: 10 }])
  })

  it('put one behind the other onto a snapshot give the next snapshot', () => {
    const before = board.snapshot()
    machines.observe(first, 'discover', 'bios')
    board.tick()
    machines.observe(second, 'menu', '', 'client')
    machines.observe(first, 'address', '192.0.2.7')
    board.tick()
    const known = new Map(before.machines.map((machine) => [machine.mac, machine]))
    for (const { machines: changed = [] } of changes) for (const machine of changed) known.set(machine.mac, machine)
    const now = new Map(board.snapshot().machines.map((machine) => [machine.mac, machine]))
    expect(known).toEqual(now)
    expect([...before.events, ...changes.flatMap(({ events = [] }) => events)]).toEqual(board.snapshot().events)
  })
})
