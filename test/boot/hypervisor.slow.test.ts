/** What hypervisor.test.ts shows, on other machines: UEFI with its own framebuffer, 32 bits, and no screen at all. */
import { expect, it } from 'vitest'
import { changeColours, expectGrubMenu, halt, writeGrubEnvironment } from '../lab/grub-rescue.ts'
import { openLab } from '../lab/lab.ts'
import { bootMachine, type MachineOptions } from '../lab/machine.ts'

const floppy = { name: 'floppy', image: 'grub-rescue-floppy.img' } as const
const disc = { name: 'disc', image: 'grub-rescue-cdrom.iso', args: '-hda grub-rescue-cdrom.iso' } as const

const old = { firmware: 'bios', cpu: 'pentium3', network: 'rtl8139', mac: '52:54:00:b1:06:87' } as const
const uefi = { firmware: 'uefi-x64', mac: '52:54:00:ef:64:09' } as const

it.each<[string, string, typeof floppy | typeof disc, MachineOptions]>([
  ['a floppy disk that was added, from UEFI', 'hypervisor-amd64', floppy, uefi],
  ['a hard disk, on a 32-bit machine in software', 'hypervisor-i386', disc, old],
])(
  'runs %s',
  async (_, hypervisor, system, options) => {
    await using lab = await openLab((directory) => writeGrubEnvironment(directory, [system]))
    await using machine = await bootMachine(lab.lan, { memory: 1024, ...options })
    await machine.waitFor(/^boottorrent: menu 1 system/, 240)
    await machine.press('ret')
    await machine.waitFor(new RegExp(`^boottorrent: complete ${hypervisor} verified`), 120)
    await machine.waitFor(new RegExp(`^boottorrent: hypervisor ${system.name} on the screen`), 180)
    await expectGrubMenu(machine)
    await changeColours(machine)
    await halt(machine)
    await machine.waitFor(new RegExp(`^boottorrent: ended ${system.name} exit status 0`), 120)
  },
  900_000,
)

it('runs a floppy disk under Secure Boot: QEMU needs no signature, and the drivers of its screen have one', async () => {
  await using lab = await openLab((directory) => writeGrubEnvironment(directory, [floppy], 'secure_boot: true'))
  const mac = '52:54:00:5e:c0:09'
  await using machine = await bootMachine(lab.lan, { firmware: 'uefi-x64-secure', mac, memory: 1024 })
  await machine.waitFor(/^boottorrent: secure boot is on/, 240)
  await machine.waitFor(/^boottorrent: menu 1 system/, 120)
  await machine.press('ret')
  await machine.waitFor(/^boottorrent: hypervisor floppy on the screen/, 240)
  await expectGrubMenu(machine)
  await changeColours(machine)
  await halt(machine)
  await machine.waitFor(/^boottorrent: ended floppy exit status 0/, 120)
}, 900_000)

it('without a screen, QEMU shows its text on the serial port that it was chosen on, and takes keys there', async () => {
  await using lab = await openLab((directory) => writeGrubEnvironment(directory, [floppy]))
  await using machine = await bootMachine(lab.lan, {
    firmware: 'bios',
    mac: '52:54:00:b1:05:0a',
    memory: 1024,
    vga: 'none',
  })
  await machine.waitFor(/^boottorrent: menu 1 system/, 240)
  machine.type('\r')
  const { text } = await machine.waitFor(/^boottorrent: hypervisor floppy on a terminal/, 240)
  expect(text).toContain('no screen: ')
  await machine.waitForPrompt(/GNU GRUB/, 120)
  machine.type('chalt\r')
  await machine.waitFor(/^boottorrent: ended floppy exit status 0/, 120)
}, 900_000)

it('without a screen, QEMU shows its guest to VNC viewers in the network where the system asks for that', async () => {
  const seen = { ...floppy, args: '-fda grub-rescue-floppy.img -vnc :0' }
  await using lab = await openLab((directory) => writeGrubEnvironment(directory, [seen]))
  const mac = '52:54:00:b1:05:0c'
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac, memory: 1024, vga: 'none' })
  const { match } = await machine.waitFor(/^boottorrent: network \S+ \S+ (\S+)\/24 /, 240)
  await machine.waitFor(/^boottorrent: menu 1 system/, 120)
  machine.type('\r')
  await machine.waitFor(/^boottorrent: hypervisor floppy on a terminal/, 240)
  // A VNC server speaks first (RFC 6143, 7.1.1); it does so a moment after QEMU was started.
  const greeting = () => lab.lan.run('bash', ['-c', `head -c 11 </dev/tcp/${match[1]}/5900`]).catch(() => '')
  await expect.poll(greeting, { interval: 1000, timeout: 60_000 }).toBe('RFB 003.008')
}, 900_000)
