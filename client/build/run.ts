import { spawn } from 'node:child_process'
import { BoottorrentError } from '../../src/errors.ts'

export interface RunOptions {
  readonly cwd?: string
  /** Replaces the environment; the default is this process's own. */
  readonly env?: NodeJS.ProcessEnv
  /** What the command gets on standard input. */
  readonly input?: Uint8Array | string
  /** What to do when the command is not there or fails. */
  readonly hint?: string
  readonly signal?: AbortSignal
}

/** How many characters of a failed command's output an error's message carries. */
const TAIL = 2000
/** How many there are of it at most. */
const KEPT = 200_000

/** A command that ran and failed. */
export class CommandFailed extends BoottorrentError {
  /** What it said on standard error. */
  readonly said: string

  constructor(message: string, said: string, hint: string | undefined) {
    super('INTERNAL', message, hint === undefined ? {} : { hint })
    this.said = said
  }
}

/**
 * Runs a command to its end and gives back what it printed on standard output, as bytes.
 *
 * @throws BoottorrentError INTERNAL when it is missing; CommandFailed, with the end of its output, when it fails.
 */
export function runBytes(command: string, args: readonly string[], options: RunOptions = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const env = options.env ?? process.env
    const child = spawn(command, args, {
      cwd: options.cwd,
      // depmod and the like are not on an ordinary user's path.
      env: { ...env, PATH: `${env.PATH ?? ''}:/usr/sbin:/sbin` },
      signal: options.signal,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const output: Buffer[] = []
    let errors = ''
    const remember = (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-KEPT)
    }
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', remember)
    child.on('error', (cause) => {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
      const message = missing ? `the command ${command} is not installed` : `${command} could not be run`
      reject(new BoottorrentError('INTERNAL', message, { cause, hint: options.hint ?? installHint(command) }))
    })
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(output))
      const end = code === null ? `was ended by ${signal}` : `failed with status ${code}`
      const said = `${Buffer.concat(output).toString('utf8').slice(-TAIL)}${errors.slice(-TAIL)}`.trim()
      const message = `${command} ${args.slice(0, 6).join(' ')} ${end}${said === '' ? '' : `:\n${said}`}`
      reject(new CommandFailed(message, errors, options.hint))
    })
    // A command that ends before it has read everything is judged by its status, not by the broken pipe.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input)
  })
}

/** The same as text. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return (await runBytes(command, args, options)).toString('utf8')
}

function installHint(command: string): string {
  return `Install what provides ${command}: client/build/system-packages.mjs lists the Debian packages a build needs.`
}
