import { flags, type Override } from '../environment/overrides.ts'
import type { Io } from './io.ts'

/** Settings from the environment variables `BOOTTORRENT_…`. An empty one counts as not set. */
export function settingsFromVariables(env: Io['env']): Override[] {
  return flags.flatMap(({ variable, setting }) => {
    const value = env[variable]
    return value ? [{ setting, value, from: variable }] : []
  })
}

/** Settings from the flags of a command, as commander names them: `hostIp` for `--host-ip`. */
export function settingsFromFlags(options: Readonly<Record<string, unknown>>): Override[] {
  return flags.flatMap(({ name, setting }) => {
    const value = options[camelCase(name)]
    return isGiven(value) ? [{ setting, value, from: `--${name}` }] : []
  })
}

function isGiven(value: unknown): value is string | string[] {
  return typeof value === 'string' || Array.isArray(value)
}

function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
