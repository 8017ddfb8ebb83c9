import process from 'node:process'
import type { Io } from './io.ts'

/** The Io of the real process. */
export function processIo(): Io {
  // A reader that goes away (`boottorrent start | head`) must not take the service down with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    ask: process.stdin.isTTY && process.stdout.isTTY ? askOnTerminal : undefined,
    onInterrupt(handler) {
      // SIGHUP: the terminal was closed, or the connection to it lost.
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
      for (const signal of signals) process.on(signal, handler)
      return {
        [Symbol.dispose]() {
          for (const signal of signals) process.off(signal, handler)
        },
      }
    },
    exit: (code) => process.exit(code),
  }
}

async function askOnTerminal(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}
