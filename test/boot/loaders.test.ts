/** Machines that come by other roads than iPXE: 32-bit UEFI through GRUB, and a BIOS through PXELINUX. */
import { expect, it } from 'vitest'
import { demoIntact, demoMarker, writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, type Lab, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine, type MachineOptions } from '../lab/machine.ts'

/** Seconds from one step to the next on a slow computer. */
const patience = 120

async function openDemo(machines = '[]'): Promise<Lab> {
  const parts = await demoParts()
  return openLab((directory) =>
    writeDemoEnvironment(directory, parts, {
      style: 'version1',
      ...labNetwork,
      timeout: 0,
      payloadBytes: 1024,
      machines,
    }),
  )
}

it('boots 32-bit UEFI with a 64-bit processor through GRUB, and the 64-bit system', async () => {
  await using lab = await openDemo()
  const mac = '52:54:00:ef:32:01'
  await using machine = await bootMachine(lab.lan, { firmware: 'uefi-ia32', mac })

  expect((await lab.server.waitForStep(mac, 'loader', patience)).detail).toMatch(/^grubia32\.efi /)
  await lab.server.waitForStep(mac, 'script', patience)
  expect((await lab.server.waitForStep(mac, 'kernel', patience)).detail).toBe('vmlinuz-amd64 by HTTP')
  await machine.waitFor(/boottorrent: phase1 kernel \S+ x86_64/, patience)
  await machine.waitFor(new RegExp(`^boottorrent: network \\S+ ${mac} `), patience)
  await machine.waitFor(new RegExp(`^${demoMarker}`), patience)
  await machine.waitFor(new RegExp(`^${demoIntact}`), patience)
}, 600_000)

it('gives 32-bit UEFI with a 32-bit processor the kernel with PAE', async () => {
  await using lab = await openDemo()
  const mac = '52:54:00:ef:32:02'
  await using machine = await bootMachine(lab.lan, { firmware: 'uefi-ia32', mac, cpu: 'coreduo' })
  await machine.waitFor(/boottorrent: phase1 kernel \S+-686-pae i686/, 2 * patience)
  await machine.waitFor(new RegExp(`^boottorrent: network \\S+ ${mac} `), patience)
}, 600_000)

it.each([
  ['64-bit', undefined, 'amd64', /-amd64 x86_64/],
  ['32-bit', 'pentium3', '686-pae', /-686-pae i686/],
] as const)(
  'boots a BIOS with a %s processor through PXELINUX',
  async (_, cpu, flavour, kernel) => {
    const mac = '52:54:00:b1:05:99'
    await using lab = await openDemo(`[{ mac: "${mac}", loader: pxelinux }]`)
    const options: MachineOptions = { firmware: 'bios', mac, network: 'e1000', ...(cpu === undefined ? {} : { cpu }) }
    await using machine = await bootMachine(lab.lan, options)

    expect((await lab.server.waitForStep(mac, 'loader', patience)).detail).toBe('lpxelinux.0 by TFTP')
    await lab.server.waitForStep(mac, 'script', patience)
    expect((await lab.server.waitForStep(mac, 'kernel', patience)).detail).toBe(`vmlinuz-${flavour} by HTTP`)
    const banner = await machine.waitFor(/boottorrent: phase1 kernel (.*)/, patience)
    expect(banner.match[1]).toMatch(kernel)
    await machine.waitFor(new RegExp(`^boottorrent: network \\S+ ${mac} `), patience)
  },
  600_000,
)
