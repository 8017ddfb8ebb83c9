import path from 'node:path'
import { type CheckResult, examine, type Facts, factsOfThisComputer } from '../doctor/index.ts'
import { loadEnvironment } from '../environment/index.ts'
import { printable } from '../log.ts'
import { exitCodeFor, exitCodes } from './exit-codes.ts'
import { type Io, inColor } from './io.ts'
import { askStatus } from './running-server.ts'
import { settingsFromFlags, settingsFromVariables } from './settings.ts'

/** The flags of the command; those that are settings are read by {@link settingsFromFlags}. */
export interface DoctorOptions extends Readonly<Record<string, unknown>> {
  readonly json?: boolean
}

/** `boottorrent doctor`: says what would keep machines from booting, and what to do about it. */
export async function doctor(
  directory: string,
  options: DoctorOptions,
  io: Io,
  facts: Facts = factsOfThisComputer({ isServed, client: io.env.BOOTTORRENT_CLIENT }),
): Promise<number> {
  const overrides = [...settingsFromVariables(io.env), ...settingsFromFlags(options)]
  const results = await examine(await loadEnvironment(path.resolve(io.cwd, directory), overrides), facts)
  if (options.json) io.stdout.write(`${JSON.stringify(asJson(results), null, 2)}\n`)
  else io.stdout.write(describe(results, inColor(io.stdout, io.env)))
  // The first one is what `start` would fail with.
  const first = results.find(({ state }) => state === 'failure')
  return first === undefined ? exitCodes.done : exitCodeFor(first.code)
}

async function isServed(url: string): Promise<boolean> {
  const status = await askStatus({ url }).catch(() => undefined)
  return status !== undefined
}

function asJson(results: readonly CheckResult[]) {
  return {
    ok: results.every(({ state }) => state !== 'failure'),
    checks: results.map(({ name, state, message, hint = null }) => ({ name, state, message, hint })),
  }
}

const MARKS = {
  ok: { mark: '✓', color: 32 },
  warning: { mark: '!', color: 33 },
  failure: { mark: '✗', color: 31 },
} as const

/** The whole answer for a person. */
export function describe(results: readonly CheckResult[], color: boolean): string {
  const width = Math.max(...results.map(({ name }) => name.length))
  const indent = ' '.repeat(width + 4)
  const rows = results.flatMap(({ name, state, message, hint }) => {
    const { mark, color: number } = MARKS[state]
    const painted = color ? `\u001b[${number}m${mark}\u001b[0m` : mark
    const row = `${painted} ${name.padEnd(width)}  ${printable(message, 2000)}`
    return hint ? [row, `${indent}${printable(hint, 2000)}`] : [row]
  })
  return `${[...rows, summary(results)].join('\n')}\n`
}

function summary(results: readonly CheckResult[]): string {
  const failures = results.filter(({ state }) => state === 'failure').length
  const warnings = results.filter(({ state }) => state === 'warning').length
  const noted = warnings > 0 ? `, ${count(warnings, 'warning')}` : ''
  return failures > 0 ? `${count(failures, 'failure')}${noted}.` : `Ready to start${noted}.`
}

function count(amount: number, thing: string): string {
  return `${amount} ${thing}${amount === 1 ? '' : 's'}`
}
