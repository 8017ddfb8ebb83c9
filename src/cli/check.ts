import path from 'node:path'
import type { Problem } from '../environment/index.ts'
import { formatProblem, loadEnvironment } from '../environment/index.ts'
import { exitCodes } from './exit-codes.ts'
import { type Io, inColor } from './io.ts'
import { settingsFromVariables } from './settings.ts'

export interface CheckOptions {
  readonly json?: boolean
}

/** `boottorrent check`: says whether the environment could be served, and what to mend. */
export async function check(directory: string, options: CheckOptions, io: Io): Promise<number> {
  const loaded = await loadEnvironment(path.resolve(io.cwd, directory), settingsFromVariables(io.env))
  const { configuration, problems, warnings } = loaded
  const ok = configuration !== undefined
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ ok, problems, warnings }, null, 2)}\n`)
  } else {
    const color = inColor(io.stdout, io.env)
    for (const problem of problems) io.stdout.write(`${formatProblem(problem, { color })}\n`)
    for (const warning of warnings) io.stdout.write(`${formatProblem(warning, { color, severity: 'warning' })}\n`)
    io.stdout.write(`${summary(configuration?.oss.length, problems, warnings)}\n`)
  }
  return ok ? exitCodes.done : exitCodes.configuration
}

function summary(systems: number | undefined, problems: readonly Problem[], warnings: readonly Problem[]): string {
  const noted = warnings.length > 0 ? `, ${count(warnings.length, 'warning')}` : ''
  if (systems === undefined) return `${count(problems.length, 'problem')}${noted}.`
  return `The environment is right: ${count(systems, 'system')}${noted}.`
}

function count(amount: number, thing: string): string {
  return `${amount} ${thing}${amount === 1 ? '' : 's'}`
}
