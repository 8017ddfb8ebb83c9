/** How much a log line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/**
 * One thing that happened, for a person (`message`) and for a program (`event` and the other fields).
 *
 * Fields are JSON values. Text that came off the network has been cleaned with {@link printable} before it is put here.
 */
export interface LogEntry {
  readonly level: LogLevel
  /** What happened, as `room.fact`: `dhcp.offer`, `tftp.done`, `http.listening`. Stable. */
  readonly event: string
  /** The same as one English sentence without a final dot. */
  readonly message: string
  /** The machine it concerns, as `52:54:00:12:34:56`. */
  readonly mac?: string
  readonly [field: string]: unknown
}

/** Where log entries go. Must not throw. */
export type Log = (entry: LogEntry) => void

/** A log that keeps nothing: the default of every part when it is used alone. */
export const silent: Log = () => {}

/**
 * Makes text from the network safe to show: control and format characters become `?`, and it is cut to `limit` characters.
 */
export function printable(text: string, limit = 128): string {
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1)}…`
}
