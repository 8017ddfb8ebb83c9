import type { ClientConfiguration, ClientMachineRule, ClientOs } from '../contract.ts'
import type { Surroundings } from './attempt.ts'
import { kernelRelease } from './machine.ts'
import { type MemoryNeed, needOf } from './room.ts'

/** One line of the menu. */
export interface MenuEntry extends MemoryNeed {
  readonly os: ClientOs
  /** Why it is the one to start by itself; '' when it is not. */
  readonly mark: '' | 'default' | 'default of this machine'
}

/** What the menu shows, as it is before anything was downloaded. */
export function menuEntries(
  surroundings: Pick<Surroundings, 'system' | 'settings'>,
  { oss, hypervisors, defaultOs }: ClientConfiguration,
  rule: ClientMachineRule | undefined,
): MenuEntry[] {
  const release = kernelRelease(surroundings.system)
  const hypervisor = hypervisors.find(({ kernels }) => kernels.includes(release))
  const mark = rule && rule.defaultOs !== null ? 'default of this machine' : 'default'
  return oss.map((os) => ({
    os,
    mark: os.name === defaultOs ? mark : '',
    ...needOf(surroundings, os, hypervisor),
  }))
}
