import type { ClientOs } from '../contract.ts'
import type { Surroundings } from './attempt.ts'
import { Failure } from './failure.ts'
import type { Exit } from './system.ts'

type KexecOs = Extract<ClientOs, { method: 'kexec' }>
type ProgramOs = Extract<ClientOs, { method: 'program' }>

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

/**
 * Runs a downloaded program on the first console. Resolves with how it ended, in words.
 *
 * @throws {Failure} when somebody has a shell there
 */
export async function startProgram(surroundings: Surroundings, os: ProgramOs): Promise<string> {
  const { system, settings, consoles } = surroundings
  const terminal = consoles.first
  const folder = `${settings.downloads}/${os.name}`
  if (!consoles.lend(terminal)) {
    throw new Failure(`${os.displayName} cannot start: a shell is open on ${terminal}.`, {
      todo: 'Leave that shell with "exit"; then it can start.',
      mayPass: true,
    })
  }
  // BitTorrent carries no permissions: the program arrives as a file that cannot be run.
  const script = 'chmod +x "$0" && exec "$0" "$@"'
  const words = ['/bin/sh', '-c', script, `${folder}/${os.program}`, ...os.args]
  const exit = await system.spawn({ words, folder, terminal }).exit
  consoles.takeBack(terminal)
  return describeExit(exit)
}

export function describeExit(exit: Exit): string {
  return 'code' in exit ? `exit status ${exit.code}` : `ended by signal ${exit.signal}`
}

/** Milliseconds a slow console may take to show the last lines. */
const CONSOLE_PATIENCE = 1000
const KEPT_LINES = 6
