import { BoottorrentError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Io, inColor } from './io.ts'

/** One sentence of what happened, one of what to do; the stack only when it is asked for. */
export function reportError(error: unknown, io: Io, options: { verbose: boolean }): void {
  const { message, hint } = sentencesOf(error)
  const label = inColor(io.stderr, io.env) ? '\u001b[31merror:\u001b[0m' : 'error:'
  io.stderr.write(`${label} ${message}\n`)
  if (hint) io.stderr.write(`  ${hint}\n`)
  if (options.verbose) io.stderr.write(`${stacksOf(error).join('\nCaused by: ')}\n`)
}

/** The same for programs, by every command with --json: the last thing that it prints. */
export function logError(error: unknown, log: Log, event: `${'server' | 'seed' | 'demo' | 'command'}.failed`): void {
  const { message, hint = null } = sentencesOf(error)
  const code = error instanceof Error && 'code' in error ? error.code : 'INTERNAL'
  log({ level: 'error', event, message, error: message, hint, code })
}

/** The two sentences of any error. */
export function sentencesOf(error: unknown): { message: string; hint: string | undefined } {
  if (error instanceof BoottorrentError) return { message: error.message, hint: error.hint }
  const reason = error instanceof Error ? error.message : String(error)
  // A failed system call tells what it was about in its message: "EACCES: permission denied, mkdir '/lab'".
  const isSystemError = error instanceof Error && 'syscall' in error
  return {
    message: isSystemError ? `The system refused: ${reason}.` : `Something went wrong inside boottorrent: ${reason}.`,
    hint: isSystemError
      ? 'Look at the path it names.'
      : 'Run the command again with --verbose and report what it prints.',
  }
}

function stacksOf(error: unknown): string[] {
  const stacks: string[] = []
  for (let current = error; current instanceof Error && stacks.length < 8; current = current.cause) {
    stacks.push(current.stack ?? current.message)
  }
  return stacks
}
