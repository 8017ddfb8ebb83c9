import { hints } from '../platform/index.ts'
import type { Io } from './io.ts'

/** How the program was called, for commands that are printed to be typed: `boottorrent`, or through npm, which tells. */
export function commandName(env: Io['env']): string {
  if (env.npm_lifecycle_event === 'npx') return 'npx boottorrent'
  return env.npm_lifecycle_event === 'boottorrent' ? 'npm run boottorrent --' : 'boottorrent'
}

/** The command that serves an environment. @param directory as the user named it */
export function startCommand(directory: string, env: Io['env']): string {
  return hints.asRoot(`${commandName(env)} start${argument(directory)}`)
}

/** Nothing for the folder that every command takes anyway. */
export function argument(directory: string): string {
  return directory === '.' ? '' : ` ${hints.shellWord(directory)}`
}
