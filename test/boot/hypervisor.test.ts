/**
 * Systems that run on Phase-1 itself: a CD under QEMU, drawn by Xorg on the screen and moved by the keyboard, and a program.
 * QEMU with its screen comes over BitTorrent like everything else.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { changeColours, expectGrubMenu, halt, lookAtMenu, writeGrubEnvironment } from '../lab/grub-rescue.ts'
import { openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

const cdrom = { name: 'cdrom', image: 'grub-rescue-cdrom.iso' } as const

it('runs a CD under QEMU on the screen, comes back to the menu when it has ended, and runs a program', async () => {
  await using lab = await openLab(async (directory) => {
    await writeGrubEnvironment(directory, [cdrom])
    await writeProgram(join(directory, 'oss', 'program'))
  })
  const mac = '52:54:00:b1:05:09'
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac, memory: 1024 })

  await machine.waitFor(/^boottorrent: menu 2 systems, default cdrom/, 180)
  await machine.press('ret')
  await machine.waitFor(/^boottorrent: complete hypervisor-amd64 verified/, 120)
  await machine.waitFor(/^boottorrent: complete cdrom verified/, 60)
  await machine.waitFor(/^boottorrent: start cdrom qemu/, 60)
  await machine.waitFor(/^boottorrent: hypervisor cdrom on the screen/, 120)
  await expectGrubMenu(machine)
  await changeColours(machine)
  await mkdir(pictures, { recursive: true })
  await machine.screenshot(join(pictures, 'grub-under-qemu.png'))
  await lookAtMenu(machine)
  await halt(machine)
  await machine.waitFor(/^boottorrent: ended cdrom exit status 0/, 120)

  // The first key goes back to the menu, the second one chooses there.
  await machine.press('2')
  await machine.press('2')
  await machine.waitFor(/► 2 program /, 60)
  await machine.press('ret')
  await machine.waitFor(/^boottorrent: complete program verified/, 60)
  expect((await machine.waitFor(/PROGRAM (.*)$/, 60)).match[1]).toBe('linux /run/boottorrent/oss/program two words')
  await machine.waitFor(/^boottorrent: ended program exit status 7/, 60)
}, 600_000)

const pictures = join(import.meta.dirname, '../../out/boot')

/** Debian's static busybox as a system's program. It tells of its terminal, folder and arguments on the serial port. */
async function writeProgram(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await copyFile('/bin/busybox', join(directory, 'busybox'))
  const script = 'tty -s && echo "PROGRAM $TERM $PWD $1" >/dev/ttyS0; exit 7'
  await writeFile(
    join(directory, 'config.yaml'),
    `dispname: program
method: bin
bin: busybox
binargs: [sh, -c, ${JSON.stringify(script)}, sh, two words]
`,
  )
}
