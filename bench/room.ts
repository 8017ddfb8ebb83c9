/** Machines that boot one after the other in QEMU, by every firmware and loader, for the benches of boots. */
import { demoMarker, writeDemoEnvironment } from '../test/lab/demo-environment.ts'
import { demoParts, type Lab, labNetwork, openLab } from '../test/lab/lab.ts'
import { bootMachine, type MachineOptions } from '../test/lab/machine.ts'
import { directPhase1 } from '../test/lab/phase1.ts'

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

type Goal = keyof typeof goals

/** Seconds from power-on until the goal is reached. */
export async function secondsUntil(goal: Goal, { hardware, rule }: Road): Promise<number> {
  const flavour = flavourOf(hardware.cpu)
  await using lab = await openRoom(goal, flavour, rule)
  await using machine = await bootMachine(lab.lan, { ...hardware, mac })
  return (await machine.waitFor(goals[goal], PATIENCE)).at
}

/** The peer of all roads: QEMU starts the same kernel with the same segments by itself, without firmware, loader or transfer. */
export const withoutLoader = 'no loader'

/** The same without a loader, for every road. */
export async function measureWithoutLoader(goal: Goal): Promise<Record<string, number>> {
  const measured: Record<string, number> = {}
  for (const cpu of [undefined, ...new Set(roads.flatMap(({ hardware }) => hardware.cpu ?? []))]) {
    const flavour = flavourOf(cpu)
    await using lab = await openRoom(goal, flavour)
    const direct = await directPhase1(lab, { flavour })
    const hardware = { firmware: 'bios', rom: false, direct, ...(cpu === undefined ? {} : { cpu }) } as const
    await using machine = await bootMachine(lab.lan, { ...hardware, mac })
    const { at } = await machine.waitFor(goals[goal], PATIENCE)
    for (const road of roads.filter((one) => one.hardware.cpu === cpu)) measured[road.name] = at
  }
  return measured
}

function flavourOf(cpu: string | undefined): '686' | 'amd64' {
  return cpu === undefined ? 'amd64' : '686'
}

async function openRoom(goal: Goal, flavour: '686' | 'amd64', rule?: string): Promise<Lab> {
  const parts = await demoParts(flavour)
  return openLab((directory) =>
    writeDemoEnvironment(directory, parts, {
      style: 'version1',
      ...labNetwork,
      timeout: goal === 'menu' ? -1 : 0,
      ...(rule === undefined ? {} : { machines: `[{ mac: "${mac}", ${rule} }]` }),
    }),
  )
}
