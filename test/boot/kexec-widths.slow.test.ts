/**
 * From a 32-bit kernel to a 64-bit system and the other way round; equal widths are what every other boot shows. The loader is
 * left out, for it would choose the kernel by the processor.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadClientPackage } from '../../src/client-package.ts'
import { demoIntact, demoMarker, writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, type Lab, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

it.each([
  ['686', 'amd64', 'i686', 'x86_64'],
  ['amd64', '686', 'x86_64', 'i686'],
] as const)(
  'kexec from the kernel %s to a system with the kernel %s',
  async (from, to, before, after) => {
    const parts = await demoParts(to)
    await using lab = await openLab((directory) =>
      writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: 0, payloadBytes: 4 << 20 }),
    )
    const direct = await phase1(lab, from)
    await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac: '52:54:00:b1:06:64', direct })

    expect((await machine.waitFor(/boottorrent: phase1 kernel (\S+) (\S+)/, 120)).match[2]).toBe(before)
    await machine.waitFor(/^boottorrent: complete demo verified/, 120)
    await machine.waitFor(new RegExp(`^${demoMarker}`), 180)
    expect((await machine.waitFor(/^BOOTTORRENT-DEMO kernel \S+ (\w+)/, 60)).match[1]).toBe(after)
    await machine.waitFor(new RegExp(`^${demoIntact}, 4194304 bytes`), 60)
  },
  600_000,
)

/** The kernel with the segments that a loader would give it. */
async function phase1({ environment }: Lab, flavour: '686' | 'amd64') {
  const { directory, manifest } = await loadClientPackage()
  const segments = [
    join(directory, manifest.segments.base),
    join(directory, manifest.segments.drivers[flavour]),
    join(environment, 'out/boot/environment.img'),
  ]
  const initrd = join(environment, 'phase1.img')
  await writeFile(initrd, Buffer.concat(await Promise.all(segments.map((segment) => readFile(segment)))))
  return {
    kernel: join(directory, manifest.kernels[flavour].file),
    initrd,
    cmdline: 'console=ttyS0,115200 console=tty0 loglevel=4',
  }
}
