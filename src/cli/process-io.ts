import { once } from 'node:events'
import process from 'node:process'
import { BoottorrentError } from '../errors.ts'
import { platform } from '../platform/index.ts'
import type { Io } from './io.ts'

/** The Io of the real process. */
export function processIo(): Io {
  surviveLostOutput()
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const signals = platform.signals(hasTerminal)
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    ask: process.stdin.isTTY && process.stdout.isTTY ? askOnTerminal : undefined,
    terminal:
      process.stdin.isTTY && process.stdout.isTTY ? { input: process.stdin, output: process.stdout } : undefined,
    onInterrupt: (handler) => onSignals(signals.end, handler),
    onReload: (handler) => onSignals(signals.reload, handler),
    exit: (code) => process.exit(code),
  }
}

/**
 * A reader that goes away (`boottorrent start | head`) or a full disk must not take the service down. What could not be
 * written is told of all the same, by a sentence and by the exit code.
 */
function surviveLostOutput(): void {
  process.stderr.on('error', () => {})
  let isTold = false
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || isTold) return
    isTold = true
    process.stderr.write(
      `error: The output could not be written: ${code}.\n  Make room where it goes, or send it elsewhere.\n`,
    )
    process.once('exit', (exitCode) => {
      if (exitCode === 0) process.exitCode = 1
    })
  })
}

function onSignals(signals: readonly NodeJS.Signals[], handler: () => void): Disposable {
  for (const signal of signals) process.on(signal, handler)
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, handler)
    },
  }
}

async function askOnTerminal(question: string): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  let isInterrupted = false
  terminal.once('SIGINT', () => {
    isInterrupted = true
    terminal.close()
  })
  // Ctrl+D closes it; then the question is never answered, or fails, as the version of Node has it.
  const closed = once(terminal, 'close').then(() => undefined)
  const answer = await Promise.race([terminal.question(question).catch(() => undefined), closed])
  terminal.close()
  if (answer === undefined) process.stdout.write('\n')
  if (!isInterrupted) return answer
  throw new BoottorrentError('USAGE', 'The question was not answered: the command was interrupted.', {
    hint: 'Run it again; "--help" shows the flag that answers it.',
  })
}
