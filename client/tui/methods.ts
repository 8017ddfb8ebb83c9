import type { ClientOs } from '../contract.ts'
import { isDiskFull, memoryFull } from './aria2-failures.ts'
import type { Surroundings } from './attempt.ts'
import { LOOKED_AT, needsOf } from './executable.ts'
import { Failure } from './failure.ts'
import { is64BitKernel, kernelRelease } from './machine.ts'
import type { Child, Exit, System } from './system.ts'

type KexecOs = Extract<ClientOs, { method: 'kexec' }>
export type ProgramOs = Extract<ClientOs, { method: 'program' }>

/** Replaces this system by the downloaded kernel. When it resolves, that has failed. */
export async function startByKexec(surroundings: Surroundings, os: KexecOs): Promise<Failure> {
  const { system, settings, consoles } = surroundings
  const folder = `${settings.downloads}/${os.name}`
  const initrds = os.initrds.map((initrd) => `${folder}/${initrd}`)
  const words = [settings.kexec, `${folder}/${os.kernel}`, os.cmdline, ...initrds]

  // The next kernel must find serial terminals as they were: no scrolling region, the cursor showing.
  await consoles.settled(CONSOLE_PATIENCE)
  consoles.release()
  const lines: string[] = []
  const exit = await system.spawn({
    words,
    onLine: (line) => {
      lines.push(line)
      if (lines.length > KEPT_LINES) lines.shift()
    },
  }).exit
  return new Failure(`${os.displayName}: its kernel did not start (${describeExit(exit)}).`, {
    todo: 'Look whether the kernel is made for this machine, and whether there is memory left.',
    details: lines,
  })
}

/** How something that ran here has ended. */
export interface Ended {
  /** In words. */
  readonly result: string
  /** What it said last, when that is known. */
  readonly details: readonly string[]
}

/**
 * Runs a downloaded program on a console until it ends.
 *
 * @param onStart is given the program, for whoever wants to end it
 * @throws {Failure} when this system cannot run it, has no room for it, or somebody has a shell on that console
 */
export async function startProgram(
  surroundings: Surroundings,
  os: ProgramOs,
  terminal: string,
  onStart: (program: Child) => void,
): Promise<Ended> {
  const { system, settings, consoles } = surroundings
  const folder = `${settings.downloads}/${os.name}`
  const program = `${folder}/${os.program}`
  refuseWhatCannotRun(system, os, program)
  await makeRunnable(system, os, program)
  if (!consoles.lend(terminal)) throw shellIsOpen(os, terminal)
  // A screen understands the codes of TERM=linux; whatever sits at a serial line, those of a VT220.
  const term = /^\/dev\/tty\d/.test(terminal) ? 'linux' : 'vt220'
  // Libraries that it brings along lie beside it.
  const script = 'TERM=$0 && LD_LIBRARY_PATH=$(dirname "$1") && export TERM LD_LIBRARY_PATH && exec "$@"'
  const words = ['/bin/sh', '-c', script, term, program, ...os.args]
  const child = system.spawn({ words, folder, terminal })
  onStart(child)
  const exit = await child.exit
  consoles.takeBack(terminal)
  return { result: describeExit(exit), details: [] }
}

/**
 * BitTorrent carries no permissions: the program arrives as a file that cannot be run. And aria2, which goes on seeding, has
 * it open for writing, so the kernel would not run it (ETXTBSY): a copy takes its name, and aria2 keeps what it has.
 */
async function makeRunnable(system: System, os: ProgramOs, program: string): Promise<void> {
  const copy = 'cp "$1" "$1.new" && chmod +x "$1.new" && mv "$1.new" "$1"'
  // What is there of a copy would leave even less room.
  const words = ['/bin/sh', '-c', `${copy} || { rm -f "$1.new"; exit 1; }`, 'sh', program]
  const lines: string[] = []
  const exit = await system.spawn({ words, onLine: (line) => lines.push(line) }).exit
  if ('code' in exit && exit.code === 0) return
  if (lines.some(isDiskFull)) throw memoryFull(lines)
  throw new Failure(`${os.displayName}: ${os.program} could not be made a program (${describeExit(exit)}).`, {
    todo: 'Try again, or choose another system.',
    details: lines,
  })
}

/** The kernel's own words for these are "not found" and "Exec format error". */
function refuseWhatCannotRun(system: System, os: ProgramOs, program: string): void {
  const { machine, interpreter } = needsOf(system.readBytes(program, LOOKED_AT) ?? new Uint8Array())
  const release = kernelRelease(system)
  if (machine === 'other' || (machine === 'x86-64' && !is64BitKernel(release))) {
    const width = machine === 'other' ? 'is made for another kind of processor' : 'is a 64-bit program'
    throw refuseWidth(os, width, release)
  }
  if (interpreter === undefined || system.exists(interpreter)) return
  if (interpreter.endsWith('\r')) {
    throw new Failure(`${os.displayName}: ${os.program} has the line ends of Windows, so nothing here can run it.`, {
      todo: 'Save the script with the line ends of Unix (LF alone) on the server.',
    })
  }
  const todo =
    machine === undefined
      ? 'Write the script for /bin/sh (busybox), or give the interpreter along as a static program.'
      : 'Link it statically: then it runs on every machine.'
  throw new Failure(`${os.displayName}: ${os.program} needs ${interpreter}, which this system has not.`, { todo })
}

/** The failure of a program that is not for the kernel that runs here. */
export function refuseWidth(os: ProgramOs, width: string, release: string): Failure {
  return new Failure(`${os.displayName}: ${os.program} ${width}; this machine runs the kernel ${release}.`, {
    todo: 'Use a static build for 32-bit PCs (i386): it runs on every machine.',
  })
}

/** The failure of whatever wants a console on which somebody works. */
export function shellIsOpen(os: ClientOs, terminal: string): Failure {
  return new Failure(`${os.displayName} cannot start: a shell is open on ${terminal}.`, {
    todo: 'Leave that shell with "exit"; then it can start.',
    mayPass: true,
  })
}

export function describeExit(exit: Exit): string {
  return 'code' in exit ? `exit status ${exit.code}` : `ended by signal ${exit.signal}`
}

/** Milliseconds a slow console may take to show the last lines. */
const CONSOLE_PATIENCE = 1000
const KEPT_LINES = 6
