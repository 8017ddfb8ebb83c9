/** What a newcomer does: `init --demo`, `start`, and a machine is switched on. Nothing is fetched from anywhere. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { builtProgram } from '../lab/boot-server.ts'
import { labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

const pictures = join(import.meta.dirname, '../../out/boot')

it('boots to a shell that says what happened, which switches the machine off', async () => {
  const said: string[] = []
  await using lab = await openLab(async (directory, lan) => {
    said.push(await lan.run(process.execPath, [builtProgram, 'init', directory, '--demo']))
  })
  expect(said.join()).toContain(`It serves the interface ${labNetwork.interface} (${labNetwork.address}).`)
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac: '52:54:00:de:00:01' })
  await machine.waitFor(/^boottorrent: menu 1 system, default demo/, 180)
  await machine.press('ret')
  await machine.waitFor(/^ {2}It works\. This machine has downloaded this small Linux by BitTorrent$/, 180)
  await machine.waitFor(/^ {4}memory +\d{3} MiB/, 30)
  await machine.waitForPrompt(/^demo:~#/, 30)
  await mkdir(pictures, { recursive: true })
  await machine.screenshot(join(pictures, 'init-demo.png'))

  machine.type('ls /sys/class/net; echo typed $((6 * 7))\r')
  // The driver of the card was loaded; commands are read.
  await machine.waitFor(/^eth0/, 30)
  await machine.waitFor(/^typed 42/, 30)
  machine.type('poweroff\r')
  await machine.off
}, 600_000)
