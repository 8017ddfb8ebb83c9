import { type ClientOs, LONGEST_COMMAND_LINE } from '../contract.ts'
import { Failure } from './failure.ts'

/**
 * Each part of a command line is short enough, but the rule of this machine and what stands in the place of `{{mac}}` make it
 * longer: said before anything is downloaded.
 *
 * @throws {Failure}
 */
export function refuseLongCommandLine(os: ClientOs): void {
  if (os.method !== 'kexec') return
  const { length } = new TextEncoder().encode(os.cmdline)
  if (length <= LONGEST_COMMAND_LINE) return
  throw new Failure(
    `${os.displayName} cannot start here: its command line has ${length} bytes, and kexec takes ${LONGEST_COMMAND_LINE}.`,
    { todo: 'Shorten "cmdline" of the system, or that of the rule for this machine.' },
  )
}
