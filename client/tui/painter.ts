/**
 * What has to be written to one console so that it shows a frame, and the plain lines below it.
 *
 * The screen has two parts. The frame stands above, centred, and is painted line by line where it has changed. The last five
 * rows are a scrolling region for the plain lines, so that these travel over a serial line whole, each beginning right after
 * a line feed and ending with one, with no escape code inside: a person can log them and a program can look for them.
 */
export class Painter {
  /** What the console shows now. Undefined: nobody knows, everything has to be painted. */
  private shown: readonly string[] | undefined
  private layout: Layout

  constructor(size: Size | undefined) {
    this.layout = layoutOf(size)
  }

  /** Forgets what the console shows, as somebody else may have written to it. */
  forget(size: Size | undefined): void {
    this.layout = layoutOf(size)
    this.shown = undefined
  }

  /** The text that brings the console to this frame, as far as there is room. '' when it shows it already. */
  paint(whole: readonly string[]): string {
    const before = this.shown
    const frame = whole.slice(0, this.layout.rows - LOG_ROWS)
    let text = before === undefined ? this.start() : ''
    for (let row = 0; row < Math.max(frame.length, before?.length ?? 0); row++) {
      const line = frame[row] ?? ''
      if (line === (before?.[row] ?? '')) continue
      text += moveTo(this.layout.top + row, this.layout.left) + NORMAL + line + ERASE_TO_END_OF_LINE
    }
    this.shown = frame
    return text
  }

  /** The text that adds plain lines below the frame. */
  print(lines: readonly string[]): string {
    if (lines.length === 0) return ''
    const start = this.shown === undefined ? this.start() : ''
    this.shown ??= []
    // The last row is always empty: stepping onto it with a line feed puts the plain text right behind that.
    return `${start}${QUIET}${moveTo(this.layout.rows - 1, 1)}\r\n${lines.map((line) => `${line}\r\n`).join('')}${NORMAL}`
  }

  /** The text that gives the console back below everything: the whole screen scrolls, the cursor shows. */
  release(): string {
    this.shown = undefined
    return `${NORMAL}${WHOLE_SCREEN_SCROLLS}${moveTo(this.layout.rows, 1)}${SHOW_CURSOR}\r\n`
  }

  /** The text that gives the console back empty. */
  clear(): string {
    this.shown = undefined
    return `${NORMAL}${WHOLE_SCREEN_SCROLLS}${ERASE_SCREEN}${moveTo(1, 1)}${SHOW_CURSOR}`
  }

  private start(): string {
    const { rows } = this.layout
    const region = `\x1b[${rows - LOG_ROWS + 1};${rows}r`
    return `${NORMAL}${WHOLE_SCREEN_SCROLLS}${ERASE_SCREEN}${region}${HIDE_CURSOR}`
  }
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Size of the frames, in characters. One column at either side stays free. */
export const FRAME_COLUMNS = 78

/** How many rows are for plain lines. */
const LOG_ROWS = 5

/** What a console without a size is taken for: a serial terminal. */
const USUAL_SIZE: Size = { columns: 80, rows: 24 }

/** The largest frame: higher ones only tear apart what belongs together. */
const MOST_FRAME_ROWS = 26

/** How many rows a frame may have, so that it fits all these consoles. */
export function frameRows(sizes: readonly (Size | undefined)[]): number {
  const rows = sizes.map((size) => (size ?? USUAL_SIZE).rows - LOG_ROWS)
  return Math.max(10, Math.min(MOST_FRAME_ROWS, ...rows))
}

interface Layout {
  readonly rows: number
  /** Where the frame begins, counted from 1. */
  readonly top: number
  readonly left: number
}

function layoutOf(size: Size | undefined): Layout {
  const { columns, rows } = size ?? USUAL_SIZE
  const spare = rows - LOG_ROWS - MOST_FRAME_ROWS
  return {
    rows,
    top: 1 + Math.max(0, Math.floor(spare / 2)),
    left: 1 + Math.max(0, Math.floor((columns - FRAME_COLUMNS) / 2)),
  }
}

function moveTo(row: number, column: number): string {
  return `\x1b[${row};${column}H`
}

const ERASE_SCREEN = '\x1b[2J'
const ERASE_TO_END_OF_LINE = '\x1b[K'
const WHOLE_SCREEN_SCROLLS = '\x1b[r'
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const QUIET = '\x1b[2m'
const NORMAL = '\x1b[0m'
