/** Programs of the virtual network, waited for and ended. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { BoottorrentError } from '../../errors.ts'

/** Seconds a program gets to end by itself after SIGTERM. */
const endTimeout = 5

/** Starts programs, and ends them with us. */
export class Programs implements AsyncDisposable {
  readonly #enter: readonly string[]
  readonly #running = new Set<ChildProcess>()

  /** @param enter a command that goes somewhere and becomes the program there; empty for where we are */
  constructor(enter: readonly string[] = []) {
    this.#enter = enter
  }

  /** What we start becomes `setpriv`, which becomes the program: the process we know is the program itself, and the kernel
   * kills it when we die. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [first = '', ...words] = [...this.#enter, 'setpriv', '--pdeathsig', 'KILL', command, ...args]
    const child = spawn(first, words, options)
    this.#running.add(child)
    child.once('exit', () => this.#running.delete(child))
    child.once('error', () => this.#running.delete(child))
    return child
  }

  /** Runs a program to its end. @returns what it wrote. @throws Error when its exit status is not 0 */
  run(command: string, args: readonly string[]): Promise<string> {
    return finished(command, this.spawn(command, args))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map(stopProcess))
  }
}

/** Waits for a program's end and returns its standard output. */
function finished(command: string, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    let complaint = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
    })
    child.stderr?.on('data', (chunk) => {
      complaint += chunk
    })
    child.once('error', (error) => reject(missingProgram('nsenter', error)))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output)
      // This is how setpriv ends when it cannot find the program.
      else if (code === 127 && complaint.includes('failed to execute')) reject(missingProgram(command))
      else reject(new Error(`${command} failed (${signal ?? code}): ${complaint.trim() || output.trim()}`))
    })
  })
}

/** Asks a process to end, kills it when it does not, and returns once it is gone. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), endTimeout * 1000)
  await gone
  clearTimeout(timer)
}

/** The error to throw for a program that did not start; other failures stay what they are. */
export function missingProgram(command: string, cause?: NodeJS.ErrnoException): Error {
  if (cause && cause.code !== 'ENOENT') return cause
  return new BoottorrentError('FILE', `The program "${command}" is missing`, {
    hint: 'On Debian, "ip" is in the package iproute2, and "unshare", "nsenter" and "setpriv" are in util-linux.',
    cause,
  })
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
