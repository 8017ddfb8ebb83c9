/**
 * The whole chain with every real part in its place: firmware, DHCP, loader, Phase-1, menu, BitTorrent, kexec. Two machines
 * with empty disks boot at the same time from an environment as the 2018 program wrote it, which is a fixture:
 * test/fixtures/environments/2018-boot.
 */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Status } from '../../src/status/index.ts'
import { stepTable, timelineSteps, watchBoot } from '../lab/boot-steps.ts'
import { demoIntact, demoMarker, writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, type Lab, openLab } from '../lab/lab.ts'
import { bootMachine, type Firmware } from '../lab/machine.ts'

/** What the fixture's config.yaml adds to the demo system's command line: it can only be there if that file was read. */
const words = 'greeting=hello-from-config-yaml'

const program = fileURLToPath(new URL('../../dist/boottorrent.js', import.meta.url))

/** Seconds from one step to the next on a slow computer that emulates two machines at once. */
const patience = 120

describe('a machine with an empty disk boots an environment of 2018', () => {
  let lab: Lab

  beforeAll(async () => {
    const parts = await demoParts()
    lab = await openLab((directory) => writeDemoEnvironment(directory, parts, { style: '2018' }))
  }, 120_000)

  afterAll(() => lab?.close())

  it.concurrent(
    'from BIOS, whose network card brings iPXE',
    () => expectBoot(lab, 'bios', '52:54:00:b1:05:01'),
    600_000,
  )

  it.concurrent(
    'from UEFI x64 with its own network stack',
    () => expectBoot(lab, 'uefi-x64', '52:54:00:ef:64:02'),
    600_000,
  )
})

describe('the server of a boot', () => {
  it('ends in order on Ctrl+C, and a second start right after works', async () => {
    const parts = await demoParts()
    await using lab = await openLab((directory) => writeDemoEnvironment(directory, parts, { style: '2018' }))
    expect(await lab.server.stop()).toBe(0)
    await using again = await lab.startAgain()
    expect(await again.stop()).toBe(0)
  }, 120_000)
})

/** Follows one machine through every step: the server's own account first, then the serial console. */
async function expectBoot(lab: Lab, firmware: Firmware, mac: string): Promise<void> {
  const { lan, server } = lab
  await using machine = await bootMachine(lan, { firmware, mac })
  const watch = watchBoot(machine, server)

  const address = await server.waitForStep(mac, 'address', patience)
  expect(address.detail).toMatch(/172\.30\.0\.\d+/)
  await server.waitForStep(mac, 'script', patience)
  await server.waitForStep(mac, 'kernel', patience)

  await machine.waitFor(/boottorrent: phase1 kernel \S+/, patience)
  await machine.waitFor(
    new RegExp(`^boottorrent: network \\S+ ${mac} 172\\.30\\.0\\.\\d+/24 server http://172\\.30\\.0\\.1:`),
    patience,
  )
  await machine.waitFor(/^ *► 1 Demo system /, patience)
  await machine.waitFor(/^boottorrent: menu 1 system, default demo in 3 s/, patience)
  await machine.waitFor(/^boottorrent: download demo \d+ bytes/, patience)
  await machine.waitFor(/^boottorrent: complete demo verified/, patience)
  await server.waitForStep(mac, 'complete', patience)
  await machine.waitFor(/^boottorrent: start demo kexec/, patience)

  const marker = await machine.waitFor(new RegExp(`^${demoMarker} (.*)`), patience)
  expect(marker.match[1]?.split(' ')).toContain(words)
  await machine.waitFor(new RegExp(`^${demoIntact}, 16777216 bytes`), patience)
  await machine.off
  await expectStatus(lab, firmware, mac)

  const times = watch.steps.flatMap(({ at }) => (at === undefined ? [] : [at]))
  expect(times, 'the steps happen in their order').toEqual(times.toSorted((a, b) => a - b))
  console.log(`${firmware}, ${mac}\n${stepTable(watch.steps)}`)
}

/** What `boottorrent status` tells of a machine whose boot is over: one boot, in order, with the numbers of its download. */
async function expectStatus({ lan, environment }: Lab, firmware: Firmware, mac: string): Promise<void> {
  const status = JSON.parse(await lan.run(process.execPath, [program, 'status', environment, '--json'])) as Status
  const known = status.machines.find((machine) => machine.mac === mac)
  expect(known).toMatchObject({ firmware, phase: 'started', stuck: null, boot: { number: 1 } })
  const times: Status['machines'][number]['boot']['times'] = known?.boot.times ?? {}
  expect(known?.boot.seconds).toBeGreaterThan(10)
  // What the server counted itself; the machine may have had the rest from the other one.
  expect(known?.received).toBeGreaterThan(0)
  const seen = timelineSteps.map((step) => times[step] ?? Number.NaN)
  expect(seen, timelineSteps.join(', ')).toEqual(seen.toSorted((a, b) => a - b))
  const { done, total, fromServer, fromPeers, pieces } = known?.progress ?? {}
  expect(total).toBeGreaterThan(16_777_216)
  expect({ done, all: (fromServer ?? 0) + (fromPeers ?? 0), pieces }).toEqual({
    done: total,
    all: total,
    pieces: 'f'.repeat(16),
  })
}
