/** Shared libraries for programs that are linked dynamically. Phase-1 has none; the hypervisor has those that QEMU runs with. */

import type { ClientConfiguration, ClientHypervisor } from '../contract.ts'
import type { Surroundings } from './attempt.ts'
import { Failure } from './failure.ts'
import { hypervisorFor, openSegment } from './hypervisor.ts'
import { is64BitKernel, kernelRelease } from './machine.ts'
import { describeExit, type ProgramOs, refuseWidth } from './methods.ts'

/** Where the loader of glibc is by the ABI of i386 and of x86-64. */
const LOADER_32 = '/lib/ld-linux.so.2'
const LOADER_64 = '/lib64/ld-linux-x86-64.so.2'

/**
 * The hypervisor whose libraries a program needs. Undefined when it needs none.
 *
 * @throws {Failure} when it cannot run on the kernel that runs here, or the server offers none
 */
export function librariesFor(
  surroundings: Surroundings,
  configuration: ClientConfiguration,
  os: ProgramOs,
): ClientHypervisor | undefined {
  const { loader } = os
  if (loader === null) return undefined
  const release = kernelRelease(surroundings.system)
  const isWide = is64BitKernel(release)
  if (loader === (isWide ? LOADER_64 : LOADER_32))
    return hypervisorFor(surroundings, configuration, os, 'shared libraries')
  if (loader === LOADER_64) throw refuseWidth(os, 'is a 64-bit program', release)
  const todo = 'Link it statically: then it runs on every machine.'
  if (loader !== LOADER_32)
    throw new Failure(`${os.displayName}: ${os.program} needs ${loader}, which no machine has.`, { todo })
  throw new Failure(
    `${os.displayName}: ${os.program} needs 32-bit shared libraries; this machine runs the kernel ${release}, which has 64-bit ones.`,
    { todo },
  )
}

/**
 * Mounts a downloaded hypervisor and lends its libraries to a program.
 *
 * @throws {Failure} when it does not work, or the program wants a library that is not there
 */
export async function openLibraries(surroundings: Surroundings, name: string, os: ProgramOs): Promise<void> {
  await openSegment(surroundings, name, 'libraries', 'Shared libraries')
  const { system, settings } = surroundings
  const program = `${settings.downloads}/${os.name}/${os.program}`
  const script = 'LD_LIBRARY_PATH=$(dirname "$1") && export LD_LIBRARY_PATH && exec "$0" --list "$1"'
  const lines: string[] = []
  const exit = await system.spawn({
    // ld.so(8): names what it would load and runs nothing.
    words: ['/bin/sh', '-c', script, os.loader ?? '', program],
    onLine: (line) => lines.push(line),
  }).exit
  // What it finds stands there with its address. A library that is too old is said beside it, and is no error to the loader here.
  const complaints = lines.filter((line) => !/\(0x[0-9a-f]+\)$/.test(line))
  const isContent = 'code' in exit && exit.code === 0
  if (isContent && complaints.length === 0) return
  const status = isContent ? '' : ` (${describeExit(exit)})`
  throw new Failure(`${os.displayName}: ${os.program} cannot be loaded with the libraries that are here${status}.`, {
    todo: 'Link it statically, or put the library that it wants into the folder beside it.',
    details: complaints.slice(0, SHOWN_LINES),
  })
}

const SHOWN_LINES = 6
