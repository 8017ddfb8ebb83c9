/** Memory is all the disk there is: room is made in it, and what does not fit is not begun. */

import { formatBytes } from '../../src/ui/format.ts'
import type { ClientHypervisor, ClientOs } from '../contract.ts'
import { memoryFull } from './aria2-failures.ts'
import type { Surroundings } from './attempt.ts'
import { availableMemory } from './machine.ts'
import { memoryNeed } from './qemu-arguments.ts'

/** What the attempts of a session leave to each other. */
export interface Memory {
  /** The system whose bytes lie in memory, whole or in part. Undefined: nobody knows what an earlier menu left there. */
  holds: ClientOs | undefined
  /** The same of the hypervisor: its name. */
  hypervisor: string | undefined
}

export function emptyMemory(): Memory {
  return { holds: undefined, hypervisor: undefined }
}

/** What is there already, and only has to be checked and completed. */
export interface Resumed {
  readonly os: boolean
  readonly hypervisor: boolean
}

/**
 * Removes what an earlier choice left, and looks whether the rest is enough.
 *
 * @throws {Failure} when it is not, with both figures
 */
export async function makeRoom(
  surroundings: Surroundings,
  memory: Memory,
  os: ClientOs,
  hypervisor: ClientHypervisor | undefined,
): Promise<Resumed> {
  const { system, settings } = surroundings
  const resumed = {
    os: memory.holds?.name === os.name,
    hypervisor: hypervisor !== undefined && memory.hypervisor === hypervisor.name,
  }
  // A hypervisor that is not wanted any more makes room for the system that comes instead.
  const isHypervisorKept = hypervisor ? resumed.hypervisor : resumed.os
  const emptied = [...(resumed.os ? [] : [settings.downloads]), ...(isHypervisorKept ? [] : [settings.hypervisors])]
  if (emptied.length > 0) {
    // All of it: a menu before this one may have crashed, or been killed for the memory it filled.
    const script = 'for folder; do rm -rf -- "$folder"/*; done'
    await system.spawn({ words: ['/bin/sh', '-c', script, 'sh', ...emptied] }).exit
  }
  if (!resumed.os) memory.holds = undefined
  if (!isHypervisorKept) memory.hypervisor = undefined
  await system.spawn({ words: ['mkdir', '-p', '--', settings.downloads, settings.hypervisors] }).exit

  const room = system.freeBytes(settings.downloads)
  const download = (resumed.os ? 0 : os.bytes) + (resumed.hypervisor ? 0 : (hypervisor?.bytes ?? 0))
  const inFolders = download + copyNeed(os)
  if (room !== undefined && room < inFolders) throw tooLarge(os, inFolders, room)
  const more = startNeed(os)
  if (more > 0) {
    const need = download + more
    const available = availableMemory(system)
    if (available !== undefined && available < need) throw tooLarge(os, need, available)
  }
  memory.holds = os
  if (hypervisor) memory.hypervisor = hypervisor.name
  return resumed
}

/** How much memory a system takes, and how much there is for it; in bytes. */
export interface MemoryNeed {
  readonly need: number
  /** Undefined when nobody knows. */
  readonly room: number | undefined
}

/** The need of a system of which nothing is here yet. */
export function needOf(
  { system, settings }: Pick<Surroundings, 'system' | 'settings'>,
  os: ClientOs,
  hypervisor: ClientHypervisor | undefined,
): MemoryNeed {
  const isAlone = os.method === 'kexec' || (os.method === 'program' && os.loader === null)
  const download = os.bytes + (isAlone ? 0 : (hypervisor?.bytes ?? 0))
  const more = startNeed(os)
  if (more === 0) return { need: download + copyNeed(os), room: system.freeBytes(settings.downloads) }
  return { need: download + more, room: availableMemory(system) }
}

/** Bytes in the folder of the downloads that a system takes when it starts: a program is seeded on beside the copy that runs. */
function copyNeed(os: ClientOs): number {
  return os.method === 'program' ? os.programBytes : 0
}

/**
 * Bytes of memory that a system takes when it starts, beside that folder. kexec reads the initrd, and the kernel copies what it
 * has read; several are joined before that.
 */
function startNeed(os: ClientOs): number {
  if (os.method === 'qemu') return memoryNeed(os.args)
  return os.method === 'kexec' ? os.initrdBytes * (os.initrds.length > 1 ? 3 : 2) : 0
}

/** Whether there is too little memory, as far as anybody knows. */
export function isTooLarge({ need, room }: MemoryNeed): boolean {
  return room !== undefined && room < need
}

function tooLarge(os: ClientOs, need: number, free: number) {
  const what = need > os.bytes ? startWords(os) : 'has'
  return memoryFull([`${os.displayName} ${what} ${formatBytes(need)}; there is room for ${formatBytes(free)}.`])
}

function startWords(os: ClientOs): string {
  switch (os.method) {
    case 'qemu':
      return 'in QEMU needs'
    case 'kexec':
      return 'needs, with the copies of its initrd for the start,'
    case 'program':
      return `needs, with ${os.loader === null ? '' : 'shared libraries and '}the copy of its program for the start,`
  }
}
