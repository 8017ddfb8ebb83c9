import { BoottorrentError, type ErrorCode } from '../errors.ts'

/** What scripts rely on. */
export const exitCodes = {
  done: 0,
  failure: 1,
  /** The environment or the command line is wrong. */
  configuration: 2,
  /** A right is missing, or a port is taken. */
  rightsOrPort: 3,
  /** Another server answers the same machines. */
  networkConflict: 4,
  /** Ended by a second Ctrl+C: 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const

const codeOf: Partial<Record<ErrorCode, number>> = {
  CONFIGURATION: exitCodes.configuration,
  USAGE: exitCodes.configuration,
  INTERFACE: exitCodes.configuration,
  PORT_IN_USE: exitCodes.rightsOrPort,
  PERMISSION: exitCodes.rightsOrPort,
  NETWORK_CONFLICT: exitCodes.networkConflict,
}

export function exitCodeOf(error: unknown): number {
  return exitCodeFor(error instanceof BoottorrentError ? error.code : undefined)
}

export function exitCodeFor(code: ErrorCode | undefined): number {
  return (code && codeOf[code]) ?? exitCodes.failure
}
