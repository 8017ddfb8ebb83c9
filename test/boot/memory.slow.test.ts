/** Memory: which kernel it decides for (PAE from 3.5 GB on, of which the other one would see a part), and what has no room in it. */
import { expect, it } from 'vitest'
import type { KernelFlavour } from '../../client/contract.ts'
import { writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

/** Seconds from one step to the next on a slow computer. */
const patience = 180

it.each<[megabytes: number, flavour: KernelFlavour]>([
  [3328, '686'],
  [3584, '686-pae'],
  [6144, '686-pae'],
])(
  'with %d MB it is %s, and a system with that kernel has them',
  async (memory, flavour) => {
    const mac = '52:54:00:3e:60:01'
    const parts = await demoParts(flavour)
    await using lab = await openLab((directory) =>
      writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: 0, payloadBytes: 1024 }),
    )
    const old = { firmware: 'bios', mac, cpu: 'pentium3', network: 'rtl8139', memory } as const
    await using machine = await bootMachine(lab.lan, old)
    expect((await lab.server.waitForStep(mac, 'kernel', patience)).detail).toBe(`vmlinuz-${flavour} by HTTP`)
    const phase1 = await machine.waitFor(/boottorrent: phase1 kernel (\S+) i686/, patience)
    expect(phase1.match[1]).toMatch(new RegExp(`-\\d+-${flavour}$`))
    const system = await machine.waitFor(/^BOOTTORRENT-DEMO kernel \S+ i686, .* (\d+) MB/, 2 * patience)
    expect(Number(system.match[1])).toBeGreaterThan(0.96 * memory)
  },
  600_000,
)

it('a system that fits, but not with the copies that kexec makes of its initrd, is refused before its download', async () => {
  const parts = await demoParts()
  const payloadBytes = 180 * 1024 * 1024
  await using lab = await openLab((directory) =>
    writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: 0, payloadBytes }),
  )
  const small = { firmware: 'bios', mac: '52:54:00:3e:60:02', memory: 512 } as const
  await using refused = await bootMachine(lab.lan, small)
  await refused.waitFor(/^boottorrent: failed The memory of this machine is full\./, patience)
  await refused.waitFor(/needs, with the copies of its initrd for the start, \d+ MB;/, patience)
  await refused.close()
  const larger = { firmware: 'bios', mac: '52:54:00:3e:60:03', memory: 768 } as const
  await using machine = await bootMachine(lab.lan, larger)
  await machine.waitFor(/^BOOTTORRENT-DEMO payload intact/, 2 * patience)
}, 600_000)
