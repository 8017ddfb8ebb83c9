import type { ClientConfiguration, ClientHypervisor, ClientOs } from '../contract.ts'
import type { Surroundings } from './attempt.ts'
import { Failure } from './failure.ts'
import { availableMemory, is64BitKernel, kernelRelease, processorCount } from './machine.ts'
import { describeExit, type Ended, shellIsOpen } from './methods.ts'
import { choosesDisplay, qemuArguments } from './qemu-arguments.ts'
import type { Child } from './system.ts'

export type QemuOs = Extract<ClientOs, { method: 'qemu' }>

/**
 * The hypervisor for the kernel that runs here.
 *
 * @param what is wanted of it
 * @throws {Failure} when the server offers none
 */
export function hypervisorFor(
  { system }: Surroundings,
  { hypervisors }: ClientConfiguration,
  os: ClientOs,
  what: 'QEMU' | 'shared libraries',
): ClientHypervisor {
  const release = kernelRelease(system)
  const found = hypervisors.find(({ kernels }) => kernels.includes(release))
  if (found) return found
  throw new Failure(`${os.displayName} needs ${what}, and the server has none for the kernel ${release}.`, {
    todo: 'Start this machine again: it may have booted from another version of boottorrent.',
  })
}

/** A hypervisor that is ready to run systems. */
export interface OpenHypervisor {
  /** Whether Xorg has a screen. */
  readonly hasScreen: boolean
  readonly hasKvm: boolean
  /** Why there is no screen although one was wanted, and why no KVM, in words. */
  readonly remarks: readonly string[]
}

/**
 * Mounts a downloaded hypervisor and starts its screen.
 *
 * @throws {Failure} when it does not work
 */
export async function openHypervisor(surroundings: Surroundings, name: string, os: QemuOs): Promise<OpenHypervisor> {
  const lines = await openSegment(surroundings, name, choosesDisplay(os.args) ? 'none' : 'screen', 'QEMU')
  const remarks = lines.filter((line) => /^no (screen|kvm): /.test(line))
  return { hasScreen: lines.includes('screen'), hasKvm: lines.includes('kvm'), remarks }
}

/**
 * Mounts a downloaded hypervisor for one of its uses. Returns what its `start` prints.
 *
 * @param what is wanted of it, as the beginning of a sentence
 * @throws {Failure} when it does not work
 */
export async function openSegment(
  surroundings: Surroundings,
  name: string,
  use: 'screen' | 'none' | 'libraries',
  what: string,
): Promise<string[]> {
  const lines: string[] = []
  const words = [...starter(surroundings, name), 'open', use]
  const exit = await surroundings.system.spawn({ words, onLine: (line) => lines.push(line) }).exit
  if (!('code' in exit) || exit.code !== 0) {
    throw new Failure(`${what} cannot be used here (${describeExit(exit)}).`, {
      todo: 'Try again; if it happens again, please report it with these words.',
      details: lines.slice(-KEPT_LINES),
    })
  }
  return lines
}

/** Takes back what {@link openSegment} has done. Never rejects. */
export async function closeHypervisor(surroundings: Surroundings, name: string): Promise<void> {
  await surroundings.system.spawn({ words: [...starter(surroundings, name), 'close'] }).exit
}

/**
 * Runs a system in QEMU until it ends: on the screen, or on a console when there is none.
 *
 * @param onStart is given QEMU itself, for whoever wants to end it
 * @throws {Failure} when somebody has a shell on that console
 */
export async function runQemu(
  surroundings: Surroundings,
  hypervisor: { readonly name: string } & OpenHypervisor,
  { os, terminal }: { readonly os: QemuOs; readonly terminal: string },
  onStart: (qemu: Child) => void,
): Promise<Ended> {
  const { system, settings, consoles } = surroundings
  const { name, hasScreen, hasKvm } = hypervisor
  const words = qemuArguments(os.args, {
    name: os.displayName,
    available: availableMemory(system) ?? 0,
    is64Bit: is64BitKernel(kernelRelease(system)),
    hasKvm,
    processors: processorCount(system),
    hasScreen,
  })
  const folder = `${settings.downloads}/${os.name}`
  const call = (place: string) => [...starter(surroundings, name), 'run', place, folder, ...words]

  if (hasScreen) {
    const lines: string[] = []
    const qemu = system.spawn({
      words: call('screen'),
      onLine: (line) => {
        lines.push(line)
        if (lines.length > KEPT_LINES) lines.shift()
      },
    })
    onStart(qemu)
    return { result: describeExit(await qemu.exit), details: lines }
  }

  if (!consoles.lend(terminal)) throw shellIsOpen(os, terminal)
  const qemu = system.spawn({ words: call('terminal'), terminal })
  onStart(qemu)
  const exit = await qemu.exit
  consoles.takeBack(terminal)
  const said = system.readFile(settings.qemuLog) ?? ''
  return { result: describeExit(exit), details: said.split('\n').filter(Boolean).slice(-KEPT_LINES) }
}

function starter({ settings }: Surroundings, name: string): string[] {
  return ['/bin/sh', `${settings.hypervisors}/${name}/start`]
}

const KEPT_LINES = 8
