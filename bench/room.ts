/** Machines that boot one after the other in QEMU, by every firmware and loader, for the benches of boots. */
import { type DemoParts, demoMarker, writeDemoEnvironment } from '../test/lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../test/lab/lab.ts'
import { bootMachine, type MachineOptions } from '../test/lab/machine.ts'

/** One way for a machine to get to Phase-1. */
export interface Road {
  readonly name: string
  readonly hardware: Omit<MachineOptions, 'mac'>
  /** What its rule says besides whom it is for. */
  readonly rule?: string
}

export const roads: readonly Road[] = [
  { name: 'BIOS, iPXE in the card, amd64', hardware: { firmware: 'bios' } },
  { name: 'BIOS, iPXE in the card, 686', hardware: { firmware: 'bios', cpu: 'pentium3', network: 'rtl8139' } },
  { name: 'BIOS, PXELINUX, amd64', hardware: { firmware: 'bios', network: 'e1000' }, rule: 'loader: pxelinux' },
  { name: 'UEFI x64, iPXE', hardware: { firmware: 'uefi-x64' } },
  { name: 'UEFI ia32, GRUB, amd64', hardware: { firmware: 'uefi-ia32' } },
  { name: 'UEFI x64, Secure Boot', hardware: { firmware: 'uefi-x64-secure' }, rule: 'secure_boot: true' },
]

const mac = '52:54:00:be:9c:01'
/** Seconds after which a boot has failed. */
const PATIENCE = 240

/** What is waited for: the menu of Phase-1, or the downloaded system. */
export const goals = {
  menu: /^boottorrent: menu /,
  system: new RegExp(`^${demoMarker}`),
} as const

/** Seconds from power-on until the goal is reached. */
export async function secondsUntil(goal: keyof typeof goals, { hardware, rule }: Road): Promise<number> {
  const parts: DemoParts = await demoParts(hardware.cpu === undefined ? 'amd64' : '686')
  await using lab = await openLab((directory) =>
    writeDemoEnvironment(directory, parts, {
      style: 'version1',
      ...labNetwork,
      timeout: goal === 'menu' ? -1 : 0,
      ...(rule === undefined ? {} : { machines: `[{ mac: "${mac}", ${rule} }]` }),
    }),
  )
  await using machine = await bootMachine(lab.lan, { ...hardware, mac })
  return (await machine.waitFor(goals[goal], PATIENCE)).at
}
