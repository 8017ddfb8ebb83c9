import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientProgress } from '../../../client/contract.ts'
import { createMachines, type MachineStep, type Machines } from '../../../src/machines/index.ts'

const mac = '52:54:00:00:00:01'
const firmware = { netboot: true, ipxe: false }
const ipxe = { netboot: true, ipxe: true }
const system = { netboot: false, ipxe: false }

let now: number
let machines: Machines

beforeEach(() => {
  now = 1_000_000
  machines = createMachines({ now: () => now })
})

function pass(seconds: number) {
  now += seconds * 1000
  machines.check()
}

function boot() {
  return machines.get(mac)?.boot
}

function numbers(done: number): ClientProgress {
  return { done, total: 100, down: 10, up: 0, fromServer: done, fromPeers: 0, peers: [] }
}

/** From power-on to the menu, as a UEFI machine does it. */
function bootToMenu() {
  machines.discover(mac, 'uefi-x64', firmware)
  machines.observe(mac, 'address', '192.0.2.100')
  machines.observe(mac, 'loader', 'snponly.efi by TFTP')
  machines.observe(mac, 'script', 'autoexec.ipxe by TFTP')
  machines.discover(mac, 'iPXE on uefi-x64', ipxe)
  machines.observe(mac, 'address', '192.0.2.100')
  machines.observe(mac, 'kernel', 'vmlinuz by HTTP')
  machines.observe(mac, 'segments', 'environment.img by HTTP')
  machines.discover(mac, 'boottorrent', system)
  machines.observe(mac, 'address', '192.0.2.100')
  machines.observe(mac, 'phase1', 'pc-1', 'client')
  machines.observe(mac, 'menu', '2 systems', 'client')
}

describe('a boot', () => {
  it('is one boot from firmware to menu, though three programs ask for an address in it', () => {
    const seen: string[] = []
    machines.on('step', () => seen.push(boot()?.step.step ?? ''))
    bootToMenu()
    expect(boot()?.number).toBe(1)
    expect(seen).toEqual([
      'discover',
      'address',
      'loader',
      'script',
      'script',
      'script',
      'kernel',
      'segments',
      'segments',
      'segments',
      'phase1',
      'menu',
    ])
  })

  it('begins anew when the firmware speaks again, and forgets what the last one had reached', () => {
    bootToMenu()
    machines.observe(mac, 'progress', 'demo 10%', 'client', numbers(10))
    pass(5)
    machines.discover(mac, 'uefi-x64', firmware)
    expect(boot()).toMatchObject({ number: 2, startedAt: now, step: { step: 'discover' }, progress: undefined })
    expect(boot()?.times).toEqual({ discover: now })
    expect(machines.get(mac)?.timeline.length).toBeGreaterThan(10)
  })

  it('begins anew with iPXE where the network card itself is iPXE', () => {
    machines.discover(mac, 'iPXE on bios', ipxe)
    machines.observe(mac, 'address', '192.0.2.100')
    machines.observe(mac, 'script', 'boot.ipxe by TFTP')
    machines.observe(mac, 'kernel', 'vmlinuz by HTTP')
    machines.discover(mac, 'iPXE on bios', ipxe)
    expect(boot()?.number).toBe(2)
  })

  it('does not begin anew when firmware asks again because nobody answered', () => {
    machines.discover(mac, 'bios', firmware)
    pass(8)
    machines.discover(mac, 'bios', firmware)
    expect(boot()).toMatchObject({ number: 1, startedAt: now - 8000 })
  })

  it('begins anew after a long silence, however far it had come', () => {
    machines.discover(mac, 'bios', firmware)
    pass(3600)
    machines.discover(mac, 'bios', firmware)
    expect(boot()?.startedAt).toBe(now)
  })

  it('ends with a fact of the host: the system that was started asks for an address', () => {
    bootToMenu()
    machines.observe(mac, 'start', 'debian kexec', 'client')
    machines.discover(mac, 'MSFT 5.0', system)
    expect(boot()?.step).toMatchObject({ step: 'running', source: 'host' } satisfies Partial<MachineStep>)
    machines.discover(mac, 'MSFT 5.0', system)
    expect(boot()?.step.step).toBe('running')
  })

  it('goes back to an earlier step when the machine says that it tries again', () => {
    bootToMenu()
    machines.observe(mac, 'failed', 'The download failed.', 'client')
    machines.observe(mac, 'download', 'debian', 'client')
    expect(boot()?.step.step).toBe('download')
    expect(boot()?.stuck).toBeUndefined()
  })
})

describe('a stuck machine', () => {
  it('says why at each step that waits for the next one, and for how long', () => {
    const reasons: [step: Parameters<Machines['observe']>[1], seconds: number, reason: RegExp][] = [
      ['address', 61, /boot loader.*firewall/],
      ['loader', 61, /boot script.*Secure Boot/],
      ['script', 61, /kernel.*HTTP/],
      ['kernel', 121, /initrd/],
      ['segments', 121, /Phase-1 does not report/],
      ['phase1', 61, /no menu/],
      ['download', 31, /does not begin/],
      ['complete', 61, /does not start/],
    ]
    machines.discover(mac, 'bios', firmware)
    pass(29)
    expect(boot()?.stuck).toBeUndefined()
    pass(2)
    expect(boot()?.stuck).toEqual({ reason: expect.stringMatching(/takes none/), since: now - 31_000 })
    for (const [step, seconds, reason] of reasons) {
      machines.observe(mac, step, 'x')
      expect(boot()?.stuck, step).toBeUndefined()
      pass(seconds - 2)
      expect(boot()?.stuck, step).toBeUndefined()
      pass(2)
      expect(boot()?.stuck, step).toEqual({ reason: expect.stringMatching(reason), since: now - seconds * 1000 })
    }
  })

  it('is told of once for each reason', () => {
    const told: string[] = []
    machines.on('stuck', ({ stuck }) => told.push(stuck.reason))
    machines.discover(mac, 'bios', firmware)
    machines.observe(mac, 'loader', 'ipxe.pxe')
    for (let second = 0; second < 100; second++) pass(1)
    expect(told).toHaveLength(1)
    machines.observe(mac, 'trouble', 'boot.ipxe by TFTP stalls at 5 of 10 bytes')
    pass(1)
    expect(told).toEqual([expect.anything(), 'boot.ipxe by TFTP stalls at 5 of 10 bytes'])
  })

  it('never is one that shows its menu, whose system runs, or that only asked for an address', () => {
    bootToMenu()
    pass(7200)
    expect(boot()?.stuck).toBeUndefined()
    machines.observe(mac, 'start', 'debian kexec', 'client')
    pass(7200)
    expect(boot()?.stuck).toBeUndefined()
    machines.discover('52:54:00:00:00:09', 'android-dhcp-14', system)
    pass(120)
    expect(machines.get('52:54:00:00:00:09')).toMatchObject({ isBooting: false, boot: { stuck: undefined } })
  })

  it('is one that reports and gets nothing, with its own words for it, until something arrives', () => {
    machines.observe(mac, 'progress', 'demo 10%', 'client', numbers(10))
    for (let round = 0; round < 4; round++) {
      pass(8)
      machines.observe(mac, 'progress', 'demo 10%: Nobody here has the missing pieces.', 'client', numbers(10))
    }
    expect(boot()?.stuck?.reason).toBe('Nobody here has the missing pieces.')
    machines.observe(mac, 'progress', 'demo 11%', 'client', numbers(11))
    expect(boot()?.stuck).toBeUndefined()
  })

  it('keeps the reason that is known while it reports that it has nothing, until something arrives', () => {
    machines.observe(mac, 'download', 'demo', 'client')
    machines.observe(mac, 'trouble', 'the server does not have demo any more: no such file')
    for (let round = 0; round < 2; round++) {
      pass(8)
      machines.observe(mac, 'progress', 'demo 0%: No machine that has it has been found.', 'client', numbers(0))
    }
    expect(boot()?.stuck?.reason).toBe('the server does not have demo any more: no such file')
    machines.observe(mac, 'progress', 'demo 1%', 'client', numbers(1))
    expect(boot()?.stuck).toBeUndefined()
  })

  it('is one that stops reporting while it downloads or seeds', () => {
    for (const step of ['progress', 'seeding'] as const) {
      machines.observe(mac, step, 'demo', 'client', numbers(10))
      pass(19)
      expect(boot()?.stuck).toBeUndefined()
      pass(2)
      expect(boot()?.stuck).toEqual({ reason: expect.stringContaining('switched off'), since: now - 21_000 })
    }
  })

  it('is at once one that says it failed', () => {
    machines.observe(mac, 'failed', 'The memory of this machine is full.', 'client')
    expect(boot()?.stuck).toEqual({ reason: 'The memory of this machine is full.', since: now })
  })
})

describe('what is remembered', () => {
  it('a flood of made-up DISCOVERs pushes out no machine that did more', () => {
    const room = createMachines({ now: () => now, strangerLimit: 10, limit: 100 })
    for (let number = 0; number < 30; number++)
      room.observe(`02:00:00:00:01:${number + 10}`, 'address', `192.0.2.${number}`)
    for (let number = 0; number < 5000; number++) {
      const fake = `06:00:00:00:${Math.floor(number / 100) + 10}:${(number % 100) + 10}`
      room.discover(fake, 'bios', firmware)
    }
    expect(room.list().filter((machine) => machine.mac.startsWith('02:'))).toHaveLength(30)
    expect(room.list()).toHaveLength(40)
  })

  it('neither does a flood of made-up reports', () => {
    const room = createMachines({ now: () => now, strangerLimit: 10, limit: 100 })
    room.bind(mac, '192.0.2.100')
    for (let number = 10; number < 99; number++) room.observe(`06:00:00:00:00:${number}`, 'menu', 'x', 'client')
    expect(room.get(mac)).toBeDefined()
    expect(room.list()).toHaveLength(11)
  })

  it('passers-by are forgotten after minutes, machines after a day', () => {
    const forgotten: string[] = []
    machines.on('forgotten', (one) => forgotten.push(one))
    machines.discover('52:54:00:00:00:09', 'android-dhcp-14', system)
    bootToMenu()
    pass(11 * 60)
    expect(forgotten).toEqual(['52:54:00:00:00:09'])
    pass(25 * 3600)
    expect(machines.list()).toEqual([])
    expect(machines.macOf('192.0.2.100')).toBeUndefined()
  })

  it('a name that the host knows is not replaced by one that a machine gives itself', () => {
    machines.describe(mac, { name: 'called-itself' }, 'client')
    machines.describe(mac, { name: 'teacher', firmware: 'bios' })
    machines.describe(mac, { name: 'evil\u001b[31m', firmware: undefined }, 'client')
    expect(machines.get(mac)).toMatchObject({ name: 'teacher', firmware: 'bios' })
  })

  it('bytes that the seeder sent count for the machine that has the address', () => {
    machines.bind(mac, '192.0.2.100')
    machines.send('192.0.2.100', 500)
    machines.send('192.0.2.101', 500)
    machines.send('192.0.2.100', 250)
    expect(machines.get(mac)?.received).toBe(750)
  })
})
