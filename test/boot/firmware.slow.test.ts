/**
 * A card that has no link without its firmware: QEMU's i82551 says that it is of the revision for which Linux insists on a file
 * of Debian's non-free packages. The package is fetched. Phase-1 is started directly: with this card QEMU's iPXE stops
 * after some hundred packets.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { buildClient } from '../../client/build/client.ts'
import { createProgress } from '../../client/build/progress.ts'
import { writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, type Lab, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'
import { directPhase1 } from '../lab/phase1.ts'

/** Seconds from one step to the next on a slow computer. */
const patience = 180
const hardware = { firmware: 'bios', rom: false, mac: '52:54:00:f1:63:a7', network: 'i82551' } as const

async function openDemo(): Promise<Lab> {
  const parts = await demoParts()
  const settings = { style: 'version1', ...labNetwork, timeout: -1, payloadBytes: 1024 } as const
  return openLab((directory) => writeDemoEnvironment(directory, parts, settings))
}

it('is told which firmware its card has not', async () => {
  await using lab = await openDemo()
  await using machine = await bootMachine(lab.lan, { ...hardware, direct: await directPhase1(lab) })
  await machine.waitFor(
    /^boottorrent: network card wants the firmware e100\/d102e_ucode\.bin, which is not in this build/,
    patience,
  )
  await machine.waitFor(/^boottorrent: network waiting for a link on eth0/, patience)
}, 600_000)

it('gets to the menu with a client that was built with it', async () => {
  const progress = createProgress((line) => process.stderr.write(`${line}\n`))
  const built = await buildClient({ progress, firmware: ['firmware-misc-nonfree'] })
  await using lab = await openDemo()
  const direct = await directPhase1(lab, { client: join(built, 'manifest.json') })
  await using machine = await bootMachine(lab.lan, { ...hardware, direct })
  await machine.waitFor(new RegExp(`^boottorrent: network eth0 ${hardware.mac} `), patience)
  await machine.waitFor(/^boottorrent: menu 1 system/, patience)
  expect(machine.serial.lines.filter(({ text }) => text.includes('wants the firmware'))).toEqual([])
}, 1_800_000)
