/**
 * The one error type of boottorrent.
 *
 * `code` is stable and meant for programs; `message` is one sentence of what happened and `hint` one of what to do.
 * The lower-level error, when there is one, is the `cause`.
 */
export class BoottorrentError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'BoottorrentError'
    this.code = code
    this.hint = options.hint
  }
}

/** Every code an error of this package can carry. */
export type ErrorCode =
  /** The environment is wrong: see the list of problems. */
  | 'CONFIGURATION'
  /** A command was called with wrong words. */
  | 'USAGE'
  /** A file or folder that is needed is missing or cannot be read. */
  | 'FILE'
  /** Somebody else holds the port. */
  | 'PORT_IN_USE'
  /** The right to do this is missing, for example to bind a port below 1024. */
  | 'PERMISSION'
  /** The network interface or address to serve is not there. */
  | 'INTERFACE'
  /** Another server on the LAN answers the same machines. */
  | 'NETWORK_CONFLICT'
  /** Another computer does not answer as it should. */
  | 'UNREACHABLE'
  /** Bytes that should be in a known format are not, or do not fit it. */
  | 'FORMAT'
  /** The built client (Phase-1 Linux) is not there or not whole. */
  | 'CLIENT_MISSING'
  /** No server answers where one should run. */
  | 'NOT_RUNNING'
  /** Something inside went wrong that the user cannot mend. */
  | 'INTERNAL'
