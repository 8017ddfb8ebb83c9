/** The mouse of a machine, all the way into the system that QEMU runs there: psmouse, evdev, Xorg, SDL, QEMU's own PS/2 mouse. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'vitest'
import { openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'
import { expectMouse, writeMouseEnvironment } from '../lab/mouse-floppy.ts'
import { directPhase1 } from '../lab/phase1.ts'

const pictures = join(import.meta.dirname, '../../out/boot')

it('a system under QEMU gets the mouse by a click, and sees it move and which button is pressed', async () => {
  await using lab = await openLab((directory) => writeMouseEnvironment(directory))
  const direct = await directPhase1(lab)
  const mac = '52:54:00:b1:05:0b'
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac, memory: 1024, direct })
  await machine.waitFor(/^boottorrent: menu 1 system/, 240)
  await machine.press('ret')
  await machine.waitFor(/^boottorrent: hypervisor mouse on the screen/, 240)
  await expectMouse(machine, 'nothing')
  // QEMU keeps this click for itself, and gives the mouse to its guest from then on.
  await machine.click('left')
  await expectMouse(machine, 'moved', () => machine.moveMouse(20, 10))
  await machine.click('left')
  await expectMouse(machine, 'left')
  await machine.click('right')
  await expectMouse(machine, 'right')
  await machine.moveMouse(-20, -10)
  await expectMouse(machine, 'moved')
  await mkdir(pictures, { recursive: true })
  await machine.screenshot(join(pictures, 'mouse-under-qemu.png'))
}, 900_000)
