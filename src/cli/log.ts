import { type Log, type LogEntry, type LogLevel, printable } from '../log.ts'
import { type Io, inColor } from './io.ts'
import { ProgressOutput, progressOf } from './progress-line.ts'

/** The order of levels, the least important first. */
export const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

export interface LogOptions {
  readonly level: LogLevel
  readonly now?: () => Date
}

/** `HH:MM:SS  what happened`, one line for each entry. */
export function plainLog(io: Io, { level, now = () => new Date() }: LogOptions): Log {
  const color = inColor(io.stdout, io.env)
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const output = new ProgressOutput(io.stdout)
  return (entry) => {
    if (ranks[entry.level] < ranks[level]) return
    const progress = progressOf(entry)
    if (progress !== undefined) return output.show(progress, now())
    output.clear()
    io.stdout.write(
      `${paint(2, timeOfDay(now()))}  ${label(entry, paint)}${machine(entry)}${printable(entry.message, 1000)}\n`,
    )
  }
}

/**
 * One JSON object for each entry, with `time` first. A program that reads along depends on the events, so only `debug`
 * entries are left out, when nobody asked for them.
 */
export function jsonLog(io: Io, { level, now = () => new Date() }: LogOptions): Log {
  return (entry) => {
    if (entry.level === 'debug' && level !== 'debug') return
    // No field of an entry can take the place of the time.
    const line = Object.assign({ time: '' }, entry, { time: now().toISOString() })
    io.stdout.write(`${JSON.stringify(line)}\n`)
  }
}

function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}

function label({ level }: LogEntry, paint: (code: number, text: string) => string): string {
  if (level === 'error') return `${paint(31, 'error:')} `
  return level === 'warn' ? `${paint(33, 'warning:')} ` : ''
}

/** The machine that it concerns, unless the sentence names it anyway. */
function machine({ mac, message }: LogEntry): string {
  return mac === undefined || message.includes(mac) ? '' : `${mac}  `
}
