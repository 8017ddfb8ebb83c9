import { FRAME_COLUMNS, frameRows, Painter } from './painter.ts'
import type { System, Terminal, Timer } from './system.ts'

/**
 * All consoles of this machine as one: what is shown is shown on each of them, and keys come from any. None waits for
 * another: a slow one skips frames, a broken one is tried again now and then.
 */
export class Consoles {
  private readonly system: System
  private readonly consoles: OneConsole[]

  constructor(system: System, paths: readonly string[]) {
    this.system = system
    this.consoles = paths.map((path) => new OneConsole(system, path))
  }

  /** Size of the frames, in characters, so that they fit everywhere. */
  size(): { columns: number; rows: number } {
    const open = this.consoles.filter((console) => console.isOpen)
    return { columns: FRAME_COLUMNS, rows: frameRows(open.length === 0 ? [undefined] : open.map((one) => one.size())) }
  }

  /** Calls back with keys and the path of the console they were typed on. */
  onInput(callback: (text: string, path: string) => void): void {
    for (const console of this.consoles) console.onInput = (text) => callback(text, console.path)
  }

  /** Shows a frame: lines that may hold colours. */
  show(frame: readonly string[]): void {
    for (const console of this.consoles) console.show(frame)
  }

  /** Says one plain line below the frame. */
  print(line: string): void {
    for (const console of this.consoles) console.print(line)
  }

  /** Paints everything again, as somebody may have written over it. */
  repaint(): void {
    for (const console of this.consoles) console.repaint()
  }

  /**
   * Lets go of one console, so that a program may have it.
   *
   * @returns whether the program may: false when somebody has the console already
   */
  lend(path: string): boolean {
    return this.consoles.find((console) => console.path === path)?.lend() ?? true
  }

  /** Takes back a console that {@link lend} gave away. */
  takeBack(path: string): void {
    this.consoles.find((console) => console.path === path)?.takeBack()
  }

  /** The first console, for a program that nobody asked for by key. */
  get first(): string {
    return this.consoles[0]?.path ?? '/dev/console'
  }

  /** Resolves when all is written, or after that many milliseconds. */
  async settled(milliseconds: number): Promise<void> {
    const deadline = this.system.now() + milliseconds
    while (this.consoles.some((console) => console.isBusy) && this.system.now() < deadline) {
      await new Promise<void>((resolve) => this.system.after(20, resolve))
    }
  }

  /** Leaves every console as {@link close} does, but keeps it: what is shown or said next takes it again. */
  release(): void {
    for (const console of this.consoles) console.release()
  }

  /**
   * Leaves every console so that whoever comes next finds it usable: nothing scrolls in a region, the cursor shows.
   *
   * @param lastWords lines to leave there
   */
  close(lastWords: readonly string[] = []): void {
    for (const console of this.consoles) console.close(lastWords)
  }
}

/** Milliseconds between two frames: a fast processor feeds slow serial lines. */
const FRAME_INTERVAL = 200
/** Milliseconds until a console that failed is tried again. */
const REOPEN_INTERVAL = 5000
/** How many plain lines wait for a slow console; the oldest go first. */
const MOST_WAITING_LINES = 200

class OneConsole {
  readonly path: string
  onInput: (text: string) => void = () => {}
  private readonly system: System
  private readonly painter = new Painter(undefined)
  private readonly encoder = new TextEncoder()
  private terminal: Terminal | undefined
  private isLent = false
  private frame: readonly string[] | undefined
  private lines: string[] = []
  /** What the terminal has not taken yet: at most one frame and the lines before it. */
  private backlog: Uint8Array = new Uint8Array()
  private lastFrameAt = Number.NEGATIVE_INFINITY
  private nextFrame: Timer | undefined
  private reopening: Timer | undefined

  constructor(system: System, path: string) {
    this.system = system
    this.path = path
    this.open()
  }

  get isOpen(): boolean {
    return this.terminal !== undefined
  }

  get isBusy(): boolean {
    return this.isOpen && (this.backlog.length > 0 || this.lines.length > 0 || this.nextFrame !== undefined)
  }

  size() {
    return this.terminal?.size()
  }

  open(): void {
    this.reopening?.cancel()
    this.reopening = undefined
    if (this.terminal || this.isLent) return
    try {
      const terminal = this.system.openTerminal(this.path)
      this.terminal = terminal
      terminal.onInput((text) => (text === '' ? this.lose() : this.onInput(text)))
      this.repaint()
    } catch {
      this.lose()
    }
  }

  show(frame: readonly string[]): void {
    this.frame = frame
    this.flush()
  }

  print(line: string): void {
    if (this.lines.length >= MOST_WAITING_LINES) this.lines.shift()
    this.lines.push(line)
    this.flush()
  }

  repaint(): void {
    this.painter.forget(this.size())
    this.lastFrameAt = Number.NEGATIVE_INFINITY
    this.flush()
  }

  release(): void {
    this.frame = undefined
    this.replaceBacklog(this.farewell([]))
  }

  lend(): boolean {
    if (this.isLent) return false
    this.isLent = true
    this.letGo(this.painter.clear())
    return true
  }

  takeBack(): void {
    this.isLent = false
    this.open()
  }

  close(lastWords: readonly string[]): void {
    this.letGo(this.farewell(lastWords))
  }

  private farewell(lastWords: readonly string[]): string {
    return this.painter.release() + lastWords.map((line) => `${line}\r\n`).join('')
  }

  private letGo(lastText: string): void {
    this.reopening?.cancel()
    if (!this.terminal) return
    this.replaceBacklog(lastText)
    this.terminal?.close()
    this.terminal = undefined
    this.backlog = new Uint8Array()
  }

  /** What still waits is given up: whoever asks for this has waited for as long as was good. */
  private replaceBacklog(text: string): void {
    this.nextFrame?.cancel()
    this.nextFrame = undefined
    this.backlog = this.encoder.encode(text)
    this.write()
  }

  /** The terminal is gone. It may come back, as a USB serial adapter does. */
  private lose(): void {
    this.terminal?.close()
    this.terminal = undefined
    this.backlog = new Uint8Array()
    this.nextFrame?.cancel()
    this.nextFrame = undefined
    this.reopening = this.system.after(REOPEN_INTERVAL, () => this.open())
  }

  /** Writes what there is to say, once the terminal has taken everything before. */
  private flush(): void {
    if (!this.terminal || this.backlog.length > 0) return
    let text = this.painter.print(this.lines)
    this.lines = []
    if (this.frame) {
      const wait = this.lastFrameAt + FRAME_INTERVAL - this.system.now()
      if (wait <= 0) {
        text += this.painter.paint(this.frame)
        this.lastFrameAt = this.system.now()
      } else {
        this.nextFrame ??= this.system.after(wait, () => {
          this.nextFrame = undefined
          this.flush()
        })
      }
    }
    if (text === '') return
    this.backlog = this.encoder.encode(text)
    this.write()
  }

  private write(): void {
    try {
      while (this.terminal && this.backlog.length > 0) {
        const taken = this.terminal.write(this.backlog)
        this.backlog = this.backlog.subarray(taken)
        if (taken > 0) continue
        this.terminal.onceWritable(() => {
          this.write()
          this.flush()
        })
        return
      }
    } catch {
      this.lose()
    }
  }
}
