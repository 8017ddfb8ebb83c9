/** What one check found. */
import { BoottorrentError, type ErrorCode } from '../errors.ts'

export interface CheckResult {
  /** Stable, for programs: `tftp-port`. Checks with several findings give several results of one name. */
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failure'
  /** One sentence without a final dot. */
  readonly message: string
  /** What to do. Undefined when there is nothing to do. */
  readonly hint?: string | undefined
  /** Why `start` would fail; failures alone have it. */
  readonly code?: ErrorCode
}

export function ok(name: string, message: string): CheckResult {
  return { name, state: 'ok', message }
}

export function warning(name: string, message: string, hint: string): CheckResult {
  return { name, state: 'warning', message, hint }
}

export function failure(name: string, code: ErrorCode, message: string, hint: string | undefined): CheckResult {
  return { name, state: 'failure', code, message, hint }
}

/** What went wrong, as a failure. */
export function failureOf(name: string, error: unknown): CheckResult {
  if (error instanceof BoottorrentError) return failure(name, error.code, sentence(error.message), error.hint)
  const reason = error instanceof Error ? error.message : String(error)
  return failure(name, 'INTERNAL', `This could not be looked at: ${reason}`, 'Report what is printed here.')
}

function sentence(text: string): string {
  return text.replace(/\.$/, '')
}
