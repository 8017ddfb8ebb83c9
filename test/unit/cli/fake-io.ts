import type { Io } from '../../../src/cli/io.ts'

/** An Io that remembers what was written, and interrupts when the test wants it. */
export interface FakeIo extends Io {
  /** Everything written to standard output so far. */
  output(): string
  /** Everything written to standard error so far. */
  errors(): string
  /** Ctrl+C. */
  interrupt(): void
  /** Codes the process was ended with at once. */
  readonly exits: number[]
  /** SIGHUP of a service. */
  reload(): void
  /** How many handlers wait for signals. */
  listeners(): number
}

export interface FakeIoOptions {
  readonly env?: Record<string, string>
  readonly cwd?: string
  readonly terminal?: boolean
  /** What the person at the terminal answers, one after the other and then Ctrl+D. Without it nobody is there. */
  readonly answers?: readonly string[]
}

export function fakeIo({ env = {}, cwd = '/', terminal = false, answers }: FakeIoOptions = {}): FakeIo {
  const written = { stdout: '', stderr: '' }
  const handlers = new Set<() => void>()
  const reloads = new Set<() => void>()
  const exits: number[] = []
  const coming = [...(answers ?? [])]
  const sink = (name: 'stdout' | 'stderr') => ({
    isTTY: terminal,
    write(text: string) {
      written[name] += text
    },
  })
  return {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env,
    cwd,
    terminal: undefined,
    ask: answers === undefined ? undefined : async () => coming.shift(),
    onInterrupt(handler) {
      handlers.add(handler)
      return {
        [Symbol.dispose]() {
          handlers.delete(handler)
        },
      }
    },
    onReload(handler) {
      reloads.add(handler)
      return {
        [Symbol.dispose]() {
          reloads.delete(handler)
        },
      }
    },
    exit: (code) => exits.push(code),
    output: () => written.stdout,
    errors: () => written.stderr,
    interrupt() {
      for (const handler of handlers) handler()
    },
    reload() {
      for (const handler of reloads) handler()
    },
    exits,
    listeners: () => handlers.size + reloads.size,
  }
}
