import { describe, expect, it } from 'vitest'
import { createMachines } from '../../../src/machines/index.ts'

const first = '52:54:00:00:00:01'
const second = '52:54:00:00:00:02'

describe('the machines of a room', () => {
  it('keeps the steps of each machine in the order they were seen, with their times', () => {
    let now = 1000
    const machines = createMachines({ now: () => now })
    machines.observe(first, 'discover', 'bios')
    now = 2000
    machines.observe(second, 'discover', 'uefi-x64')
    machines.observe(first, 'address', '192.0.2.100')

    const timeline = machines.list().find(({ mac }) => mac === first)?.timeline
    expect(timeline?.map(({ step, time }) => [step, time])).toEqual([
      ['discover', 1000],
      ['address', 2000],
    ])
  })

  it('tells apart what the host saw and what a machine said of itself', () => {
    const machines = createMachines()
    machines.observe(first, 'address', '192.0.2.100')
    machines.observe(first, 'menu', '2 systems', 'client')
    expect(machines.list()[0]?.timeline.map(({ source }) => source)).toEqual(['host', 'client'])
  })

  it('keeps only the last of several progress reports in a row', () => {
    const machines = createMachines()
    machines.observe(first, 'download', 'demo', 'client')
    for (const percent of ['10%', '20%', '30%']) machines.observe(first, 'progress', percent, 'client')
    expect(machines.list()[0]?.timeline.map(({ detail }) => detail)).toEqual(['demo', '30%'])
  })

  it('keeps the same trouble once, however often it comes, and other trouble beside it', () => {
    const machines = createMachines()
    machines.observe(first, 'loader', 'ipxe.pxe by TFTP')
    for (const detail of ['boot.ipxe stalls', 'boot.ipxe stalls', 'boot.ipxe broken off']) {
      machines.observe(first, 'trouble', detail)
    }
    expect(machines.list()[0]?.timeline.map(({ detail }) => detail)).toEqual([
      'ipxe.pxe by TFTP',
      'boot.ipxe stalls',
      'boot.ipxe broken off',
    ])
  })

  it('cleans text that came from a machine', () => {
    const machines = createMachines()
    machines.observe(first, 'failed', 'red \u001b[31mtext\nnext line', 'client')
    expect(machines.list()[0]?.timeline[0]?.detail).toBe('red ?[31mtext?next line')
  })

  it('gives an address to the machine that had it last', () => {
    const machines = createMachines()
    machines.bind(first, '192.0.2.100')
    machines.bind(second, '192.0.2.100')
    expect(machines.macOf('192.0.2.100')).toBe(second)
  })

  it('forgets an old address of a machine that got a new one', () => {
    const machines = createMachines()
    machines.bind(first, '192.0.2.100')
    machines.bind(first, '192.0.2.101')
    expect(machines.macOf('192.0.2.100')).toBeUndefined()
    expect(machines.macOf('192.0.2.101')).toBe(first)
  })

  it('does not forget the new owner of an address when the old one moves on', () => {
    const machines = createMachines()
    machines.bind(first, '192.0.2.100')
    machines.bind(second, '192.0.2.100')
    machines.bind(first, '192.0.2.101')
    expect(machines.macOf('192.0.2.100')).toBe(second)
  })

  it('believes a machine that says it has an address which another one said it had', () => {
    const machines = createMachines()
    machines.bind(first, '192.0.2.100', 'client')
    machines.bind(second, '192.0.2.100', 'client')
    expect(machines.macOf('192.0.2.100')).toBe(second)
  })

  it('does not let a machine claim an address that the host gave to another one', () => {
    const machines = createMachines()
    machines.bind(first, '192.0.2.100')
    machines.bind(second, '192.0.2.100', 'client')
    expect(machines.macOf('192.0.2.100')).toBe(first)
    expect(machines.list().map(({ mac }) => mac)).toEqual([first])
  })

  it('does not change the address that the host gave to a machine because somebody says so', () => {
    const machines = createMachines()
    machines.bind(first, '192.0.2.100')
    machines.bind(first, '192.0.2.66', 'client')
    expect(machines.get(first)?.address).toBe('192.0.2.100')
    expect(machines.macOf('192.0.2.66')).toBeUndefined()
    // Its address went to another machine: whatever it says now is better than nothing.
    machines.bind(second, '192.0.2.100')
    machines.bind(first, '192.0.2.66', 'client')
    expect(machines.get(first)?.address).toBe('192.0.2.66')
  })

  it('does not grow past its limit, and forgets the machine that was not seen for longest', () => {
    const machines = createMachines({ limit: 2 })
    machines.bind(first, '192.0.2.100')
    machines.observe(second, 'address', '192.0.2.101')
    machines.observe(first, 'address', '192.0.2.100')
    machines.observe('52:54:00:00:00:03', 'address', '192.0.2.102')
    expect(machines.list().map(({ mac }) => mac)).toEqual([first, '52:54:00:00:00:03'])
    expect(machines.macOf('192.0.2.100')).toBe(first)
  })

  it('does not let one machine grow without end', () => {
    const machines = createMachines()
    for (let round = 0; round < 1000; round++) machines.observe(first, 'discover', String(round))
    const timeline = machines.list()[0]?.timeline ?? []
    expect(timeline.length).toBeLessThanOrEqual(200)
    expect(timeline.at(-1)?.detail).toBe('999')
  })
})
