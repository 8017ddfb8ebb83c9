/**
 * A real input: Debian's installer, as the package debian-installer-12-netboot-amd64 brings it, added by `add` and booted by
 * the same road as every other system, up to its first question.
 */
import { access, mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { addSystem } from '../../src/add/index.ts'
import { labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine, type Machine } from '../lab/machine.ts'

const installer = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64'

it('boots the Debian installer to its first question', async () => {
  await using lab = await openLab(writeInstallerEnvironment)
  // The installer wants a gigabyte, or it goes into its low memory mode.
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac: '52:54:00:d1:12:64', memory: 1536 })

  await machine.waitFor(/^boottorrent: complete debian-installer verified/, 180)
  await machine.waitFor(/^boottorrent: start debian-installer kexec/, 60)
  const question = await machine.waitFor(/\[!!\] (Select a language)/, 180)
  expect(question.match[1]).toBe('Select a language')

  const picture = join(import.meta.dirname, '../../out/boot/debian-installer.png')
  await mkdir(dirname(picture), { recursive: true })
  await expectDrawn(machine, picture)
}, 600_000)

/**
 * The installer asks on the screen too, drawn pixel by pixel. QEMU does not tell when the picture changes, so it is looked
 * at again and again. A screen with nothing on it makes a PNG of about 3 kB.
 */
async function expectDrawn(machine: Machine, file: string): Promise<void> {
  const look = async () => {
    await machine.screenshot(file)
    return (await stat(file)).size
  }
  await expect.poll(look, { interval: 1000, timeout: 120_000 }).toBeGreaterThan(10_000)
}

async function writeInstallerEnvironment(directory: string): Promise<void> {
  await access(installer).catch(() => {
    throw new Error('The installer is missing. Install it: apt-get install debian-installer-12-netboot-amd64')
  })
  await writeFile(
    join(directory, 'Boottorrent.yaml'),
    `version: 1
boot:
  default: debian-installer
  timeout: 2
  seed_time: 0
network:
  interface: ${labNetwork.interface}
  mode: dhcp
  range: ${labNetwork.range.join(',')}
`,
  )
  await addSystem({
    environment: directory,
    sources: [join(installer, 'linux'), join(installer, 'initrd.gz')],
    name: 'debian-installer',
    cmdline: 'console=ttyS0,115200 console=tty0 quiet ---',
  })
}
