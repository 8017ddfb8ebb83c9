/**
 * A real input: Debian's installer, as the package debian-installer-12-netboot-amd64 brings it, by the same road as every
 * other system, up to its first question.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

const installer = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64'

it('boots the Debian installer to its first question', async () => {
  await using lab = await openLab(writeInstallerEnvironment)
  // The installer wants a gigabyte, or it goes into its low memory mode.
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac: '52:54:00:d1:12:64', memory: 1536 })

  await machine.waitFor(/^boottorrent: complete debian-installer verified/, 180)
  await machine.waitFor(/^boottorrent: start debian-installer kexec/, 60)
  const question = await machine.waitFor(/\[!!\] (Select a language)/, 180)
  expect(question.match[1]).toBe('Select a language')
  await machine.waitFor(/<Go Back>/, 30)

  const pictures = join(import.meta.dirname, '../../out/boot')
  await mkdir(pictures, { recursive: true })
  await machine.screenshot(join(pictures, 'debian-installer.png'))
}, 600_000)

async function writeInstallerEnvironment(directory: string): Promise<void> {
  const os = join(directory, 'oss', 'debian-installer')
  await mkdir(os, { recursive: true })
  await copyFile(join(installer, 'linux'), join(os, 'linux'))
  await copyFile(join(installer, 'initrd.gz'), join(os, 'initrd.gz'))
  await writeFile(
    join(os, 'config.yaml'),
    `dispname: Debian 12 installer
method: kexec
kernel: linux
initrd: initrd.gz
cmdline: console=ttyS0,115200 console=tty0 quiet ---
`,
  )
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
}
