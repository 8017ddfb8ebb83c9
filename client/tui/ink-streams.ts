import { EventEmitter } from 'node:events'

/**
 * What Ink writes to instead of a terminal. In Ink's debug mode each write is one whole frame; how it reaches the consoles,
 * of which there may be several and slow ones, is not Ink's business.
 */
export class FrameSink extends EventEmitter {
  readonly isTTY = true
  readonly writable = true
  columns: number
  rows: number
  private readonly onFrame: (lines: string[]) => void

  constructor(size: { columns: number; rows: number }, onFrame: (lines: string[]) => void) {
    super()
    this.columns = size.columns
    this.rows = size.rows
    this.onFrame = onFrame
  }

  write(text: string, ...rest: unknown[]): boolean {
    // Ink marks what it has cut with a character that the VGA console's font lacks.
    if (text !== '') this.onFrame(text.replaceAll('…', '>').split('\n'))
    const callback = rest.at(-1)
    if (typeof callback === 'function') callback()
    return true
  }
}

/** What Ink reads keys from: whatever was typed on any console. */
export class KeySource extends EventEmitter {
  readonly isTTY = true
  private readonly waiting: string[] = []

  push(text: string): void {
    this.waiting.push(text)
    this.emit('readable')
  }

  read(): string | null {
    return this.waiting.shift() ?? null
  }

  setRawMode(): this {
    return this
  }

  setEncoding(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}
