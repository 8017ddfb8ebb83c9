import { printable } from '../log.ts'
import type { Problem } from './configuration.ts'

/** Where something stands in a file of the environment, or on the command line (then line 0). */
export interface Place {
  /** Path relative to the environment's folder, or the flag or variable the value came from. */
  readonly file: string
  /** Counted from 1; 0 for the file as a whole. */
  readonly line: number
  readonly column: number
}

/** The place of a file as a whole. */
export function wholeFile(file: string): Place {
  return { file, line: 0, column: 0 }
}

/** More problems than this in one environment are not listed: the first ones are the causes. */
const MOST_PROBLEMS = 100

/** Collects what is wrong (`problems`) and what is worth knowing (`warnings`) while an environment is read. */
export class Findings {
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []

  problem(place: Place, code: ProblemCode, message: string, hint: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(finding(place, code, message, hint))
  }

  warning(place: Place, code: ProblemCode, message: string, hint: string): void {
    if (this.warnings.length < MOST_PROBLEMS) this.warnings.push(finding(place, code, message, hint))
  }
}

/** Every code a problem or warning can carry. Stable. */
export type ProblemCode =
  | 'missing-file'
  | 'unreadable-file'
  | 'not-a-file'
  | 'empty-file'
  | 'too-large'
  | 'not-utf8'
  | 'yaml-syntax'
  | 'unknown-key'
  | 'duplicate-key'
  | 'missing-key'
  | 'wrong-type'
  | 'wrong-value'
  | 'unsupported-version'
  | 'unknown-os'
  | 'unknown-method'
  | 'no-os'
  | 'os-name'
  | 'duplicate-name'
  | 'path-leaves-folder'
  | 'not-servable'
  | 'conflict'
  | 'no-effect'
  | 'unknown-placeholder'
  | 'service-off'
  | 'corrected'

/** Text of the user inside a message: quoted, cut, and without characters that would move the cursor. */
export function quoted(text: string): string {
  return `"${printable(text, 80)}"`
}

/** One problem as a person reads it: the place as editors understand it, what is wrong, and what to do. */
export function formatProblem(
  problem: Problem,
  options: { color?: boolean; severity?: 'error' | 'warning' } = {},
): string {
  const { color = false, severity = 'error' } = options
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const place = placeText(problem)
  const label = severity === 'warning' ? `${paint(33, 'warning:')} ` : ''
  const message = severity === 'warning' ? problem.message : paint(31, problem.message)
  return `${paint(1, `${place}:`)} ${label}${message}\n    ${problem.hint}`
}

/** `Boottorrent.yaml:3:17`, or the file alone for what stands on no line. */
export function placeText({ file, line, column }: Place): string {
  return line > 0 ? `${file}:${line}:${column}` : file
}

/** In the order of the files and their lines, so that the list can be worked through from top to bottom. */
export function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))]
  return problems.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  )
}

function finding({ file, line, column }: Place, code: ProblemCode, message: string, hint: string): Problem {
  return { file: printable(file, 300), line, column, code, message, hint }
}
