import { type LogEntry, printable } from '../log.ts'
import { formatBytes, formatDuration, formatSpeed, percentage } from '../ui/format.ts'
import { glyph } from '../ui/theme.ts'
import type { Output } from './io.ts'

/** Long work, as the log tells of it. */
export interface Progress {
  /** What is being done, as `reading debian`. */
  readonly what: string
  readonly done: number
  readonly bytes: number
  readonly bytesPerSecond: number
  readonly secondsLeft: number
}

const CELLS = 20
/** So that the line fits in 80 columns: what was drawn in two lines could not be drawn over. */
const LONGEST_NAME = 24

/** The progress that a log entry tells of; undefined when it tells of something else. */
export function progressOf({ event, os, done, bytes, bytesPerSecond, secondsLeft }: LogEntry): Progress | undefined {
  if (event !== 'torrent.progress' && event !== 'demo.central') return undefined
  return {
    what: event === 'demo.central' ? 'one server' : `reading ${printable(String(os), LONGEST_NAME)}`,
    done: Number(done),
    bytes: Number(bytes),
    bytesPerSecond: Number(bytesPerSecond),
    secondsLeft: Number(secondsLeft),
  }
}

/** `reading debian  ██████░░░░ 42 %  1.8 GB of 4.3 GB, 1.2 GB/s, 2 s left`. */
export function progressLine({ what, done, bytes, bytesPerSecond, secondsLeft }: Progress): string {
  const percent = percentage(done, bytes)
  const filled = Math.round((CELLS * percent) / 100)
  const bar = glyph.full.repeat(filled) + glyph.empty.repeat(CELLS - filled)
  const facts = [`${formatBytes(done)} of ${formatBytes(bytes)}`, formatSpeed(bytesPerSecond)]
  return `${what}  ${bar} ${percent} %  ${[...facts, `${formatDuration(secondsLeft)} left`].join(', ')}`
}

/** A program that writes to a file or a pipe gets a line for each so many milliseconds. */
const LINE_EVERY_MS = 5_000
const CLEAR_LINE = '\r\u001b[K'

/** Shows progress on a terminal in one line that is drawn again and again, elsewhere in a line now and then. */
export class ProgressOutput {
  readonly #output: Output
  #isDrawn = false
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(output: Output) {
    this.#output = output
  }

  show(progress: Progress, now: Date): void {
    const line = progressLine(progress)
    if (this.#output.isTTY) {
      this.#output.write(`${CLEAR_LINE}${line}`)
      this.#isDrawn = true
    } else if (now.getTime() - this.#toldAt >= LINE_EVERY_MS) {
      this.#toldAt = now.getTime()
      this.#output.write(`${line}\n`)
    }
  }

  /** Makes room for another line. */
  clear(): void {
    if (this.#isDrawn) this.#output.write(CLEAR_LINE)
    this.#isDrawn = false
  }
}
