/**
 * A BIOS whose boot ROM is not iPXE gets ours as its boot file. Every card that QEMU offers has iPXE in its ROM, so the ROM's
 * command line is told to load that file the way another ROM would: by TFTP, as a PXE boot program.
 */
import { it } from 'vitest'
import { writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine, type Machine } from '../lab/machine.ts'

it('boots a BIOS machine through the boot loader we serve', async () => {
  const parts = await demoParts()
  await using lab = await openLab((directory) =>
    writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: -1, payloadBytes: 1024 }),
  )
  const mac = '52:54:00:b1:05:02'
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac, network: 'e1000' })
  await machine.waitForPrompt(/Press Ctrl-B for the iPXE command line/, 60)
  await machine.press('ctrl', 'b')
  await machine.waitForPrompt(/iPXE> ?$/, 60)
  await typeEchoed(machine, `dhcp && chain tftp://${labNetwork.address}/ipxe.pxe`)
  machine.type('\r')

  await lab.server.waitForStep(mac, 'loader', 120)
  await machine.waitFor(/iPXE 1\.\d+\.\d+\+git2025/, 60)
  await lab.server.waitForStep(mac, 'kernel', 120)
  await machine.waitFor(/^boottorrent: menu 1 system/, 120)
}, 400_000)

/** Types as a person does who looks at the screen: a BIOS keeps 15 keys that nobody has read yet, and drops the others. */
async function typeEchoed(machine: Machine, text: string): Promise<void> {
  const step = 8
  for (let start = 0; start < text.length; start += step) {
    machine.type(text.slice(start, start + step))
    const typed = text
      .slice(0, start + step)
      .trimEnd()
      .replaceAll(/[^\w ]/g, '\\$&')
    await machine.waitForPrompt(new RegExp(`${typed} *$`), 60)
  }
}
