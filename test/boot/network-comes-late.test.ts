/** Networks that are not there at once, or not where they are looked for: Phase-1 says what it waits for, and goes on. */
import { expect, it } from 'vitest'
import { writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, type Lab, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine, type MachineOptions } from '../lab/machine.ts'
import { directPhase1 } from '../lab/phase1.ts'

/** Seconds from one step to the next on a slow computer. */
const patience = 120

async function openDemo(): Promise<Lab> {
  const parts = await demoParts()
  return openLab((directory) =>
    writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: -1, payloadBytes: 1024 }),
  )
}

/** A machine that begins with Phase-1. */
async function bootPhase1(lab: Lab, options: Omit<MachineOptions, 'firmware'>, words = '') {
  const direct = await directPhase1(lab, { words })
  return bootMachine(lab.lan, { firmware: 'bios', rom: false, memory: 384, direct, ...options })
}

it('takes a network card on USB', async () => {
  await using lab = await openDemo()
  const mac = '52:54:00:1a:7e:01'
  await using machine = await bootPhase1(lab, { mac, network: 'usb-net' })
  await machine.waitFor(new RegExp(`^boottorrent: network \\S+ ${mac} 172\\.30\\.0\\.\\d+/24 server `), patience)
  await machine.waitFor(/^boottorrent: menu 1 system/, patience)
}, 400_000)

it('takes the card with the cable, although the firmware named the other one', async () => {
  await using lab = await openDemo()
  const mac = '52:54:00:1a:7e:02'
  const unused = { network: 'e1000', mac: '52:54:00:1a:7e:99' } as const
  await using machine = await bootPhase1(
    lab,
    { mac, network: 'rtl8139', unused },
    `BOOTIF=01-${unused.mac.replaceAll(':', '-')}`,
  )
  await machine.waitFor(new RegExp(`^boottorrent: network \\S+ ${mac} 172\\.30\\.0\\.\\d+/24 server `), patience)
  await machine.waitFor(/^boottorrent: menu 1 system/, patience)
}, 400_000)

it('says that there is no link, and goes on when the cable is plugged in', async () => {
  await using lab = await openDemo()
  const mac = '52:54:00:1a:7e:03'
  await using machine = await bootPhase1(lab, { mac, network: 'e1000', cable: false })
  await machine.waitFor(/^boottorrent: network waiting for a link on eth0 \(is the cable plugged in\?\)/, patience)
  await machine.plug(true)
  await machine.waitFor(new RegExp(`^boottorrent: network eth0 ${mac} `), patience)
  await machine.waitFor(/^boottorrent: menu 1 system/, patience)
}, 400_000)

it('says that nobody gives addresses, and goes on when the server is there', async () => {
  await using lab = await openDemo()
  expect(await lab.server.stop()).toBe(0)
  const mac = '52:54:00:1a:7e:04'
  await using machine = await bootPhase1(lab, { mac, network: 'e1000e' })
  await machine.waitFor(/^boottorrent: network waiting for an address on eth0 \(no answer to DHCP\)/, patience)
  await using server = await lab.startAgain()
  await machine.waitFor(new RegExp(`^boottorrent: network eth0 ${mac} `), patience)
  await server.waitForStep(mac, 'menu', patience)
}, 400_000)
