/** Programs of the system that are asked for what they know. */
import { execFile, execFileSync } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'

/** The text; or the program is not there, or did not answer this user. */
export type Answer = { readonly text: string } | 'missing' | 'refused'

/** Milliseconds that a program may take to show what it knows. */
const PATIENCE = 5000

/** In English, and found also where ordinary users do not look. */
function options() {
  const env =
    process.platform === 'win32'
      ? process.env
      : { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
  return { env, timeout: PATIENCE, maxBuffer: 16 << 20, windowsHide: true, encoding: 'utf8' } as const
}

export async function ask(program: string, ...words: readonly string[]): Promise<Answer> {
  try {
    const { stdout } = await promisify(execFile)(program, words, options())
    return { text: stdout }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'refused'
  }
}

/** What it printed; nothing when it cannot be asked. */
export async function textOf(program: string, ...words: readonly string[]): Promise<string> {
  const answer = await ask(program, ...words)
  return typeof answer === 'object' ? answer.text : ''
}

/** The same, waiting: for the moment before a start fails. */
export function textNow(program: string, ...words: readonly string[]): string {
  try {
    return execFileSync(program, words, { ...options(), stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}
