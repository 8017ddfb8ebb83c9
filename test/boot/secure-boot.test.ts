/**
 * Secure Boot with Microsoft's keys, as PCs are sold with it: the signed shim starts the signed GRUB, that starts Debian's
 * signed kernel, and that starts signed systems only.
 */
import { expect, it } from 'vitest'
import { parseEvent } from '../lab/boot-server.ts'
import { demoIntact, demoMarker, writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, type Lab, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

/** Seconds from one step to the next on a slow computer. */
const patience = 120

async function openSecureDemo(mac: string, flavour: 'amd64' | '686'): Promise<Lab> {
  const parts = await demoParts(flavour)
  return openLab((directory) =>
    writeDemoEnvironment(directory, parts, {
      style: 'version1',
      ...labNetwork,
      timeout: 0,
      payloadBytes: 1024,
      machines: `[{ mac: "${mac}", secure_boot: true }]`,
    }),
  )
}

it('boots by signed loaders, and starts a signed system', async () => {
  const mac = '52:54:00:5e:c0:01'
  await using lab = await openSecureDemo(mac, 'amd64')
  await using machine = await bootMachine(lab.lan, { firmware: 'uefi-x64-secure', mac })

  expect((await lab.server.waitForStep(mac, 'loader', patience)).detail).toBe('shimx64.efi by TFTP')
  await lab.server.waitForStep(mac, 'script', patience)
  expect((await lab.server.waitForStep(mac, 'kernel', patience)).detail).toBe('vmlinuz-amd64 by HTTP')
  await machine.waitFor(/boottorrent: phase1 kernel /, patience)
  await machine.waitFor(/^boottorrent: secure boot is on/, patience)
  await machine.waitFor(/^boottorrent: complete demo verified/, patience)
  await machine.waitFor(new RegExp(`^${demoMarker}`), patience)
  await machine.waitFor(new RegExp(`^${demoIntact}`), patience)
}, 600_000)

it('refuses a system that is not signed before it downloads anything', async () => {
  const mac = '52:54:00:5e:c0:02'
  await using lab = await openSecureDemo(mac, '686')
  await using machine = await bootMachine(lab.lan, { firmware: 'uefi-x64-secure', mac })

  await machine.waitFor(/^boottorrent: failed .*Secure Boot is on, and its kernel is not signed/, 3 * patience)
  expect((await lab.server.waitForStep(mac, 'failed', patience)).detail).toContain('Secure Boot')
  const steps = lab.server.events.lines.flatMap((line) => parseEvent(line)?.step ?? [])
  expect(steps).not.toContain('download')
}, 600_000)
