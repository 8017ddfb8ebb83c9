/**
 * A firewall on the server that lets TFTP through and not HTTP, as happens: every loader turns to TFTP for kernel and segments,
 * and the boot goes on to the downloaded system, for Phase-1 needs HTTP for reports only.
 */
import { expect, it } from 'vitest'
import { demoIntact, writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine, type MachineOptions } from '../lab/machine.ts'

/** Seconds from one step to the next on a slow computer. */
const patience = 180

interface Road {
  readonly name: string
  readonly hardware: Omit<MachineOptions, 'mac'>
  /** What its rule says besides whom it is for. */
  readonly rule?: string
}

const roads: readonly Road[] = [
  { name: 'iPXE', hardware: { firmware: 'bios' } },
  { name: 'PXELINUX', hardware: { firmware: 'bios', network: 'e1000' }, rule: 'loader: pxelinux' },
  { name: 'GRUB', hardware: { firmware: 'uefi-ia32' } },
  { name: 'the signed GRUB', hardware: { firmware: 'uefi-x64-secure' }, rule: 'secure_boot: true' },
]

it.each(roads)(
  '$name loads kernel and segments by TFTP when HTTP is closed',
  async ({ hardware, rule }) => {
    const mac = '52:54:00:7f:79:01'
    const parts = await demoParts()
    await using lab = await openLab((directory) =>
      writeDemoEnvironment(directory, parts, {
        style: 'version1',
        ...labNetwork,
        timeout: 0,
        payloadBytes: 1024,
        ...(rule === undefined ? {} : { machines: `[{ mac: "${mac}", ${rule} }]` }),
      }),
    )
    await lab.lan.run('nft', ['add', 'table', 'inet', 'firewall'])
    await lab.lan.run('nft', ['add', 'chain', 'inet', 'firewall', 'in', '{ type filter hook input priority 0; }'])
    const refuse = ['tcp', 'dport', '8000', 'reject', 'with', 'tcp', 'reset']
    await lab.lan.run('nft', ['add', 'rule', 'inet', 'firewall', 'in', ...refuse])
    await using machine = await bootMachine(lab.lan, { ...hardware, mac })

    expect((await lab.server.waitForStep(mac, 'kernel', patience)).detail).toBe('vmlinuz-amd64 by TFTP')
    await machine.waitFor(/boottorrent: phase1 kernel /, patience)
    await machine.waitFor(new RegExp(`^boottorrent: network \\S+ ${mac} `), patience)
    await machine.waitFor(/^boottorrent: complete demo verified/, patience)
    await machine.waitFor(new RegExp(`^${demoIntact}`), patience)
  },
  600_000,
)
