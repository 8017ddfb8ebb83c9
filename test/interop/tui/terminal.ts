import { execFileSync } from 'node:child_process'
import { createReadStream, type ReadStream, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** tmux's own line would take one row of the terminal. */
const NO_STATUS = [';', 'set-option', '-g', 'status', 'off']

let terminals = 0

/** Holds the terminal open and does nothing: a terminal that nobody has open would hang up. */
const NOBODY = 'exec sleep 1000000'

/** A terminal made by tmux, with its own server. Without a command whoever wants opens its {@link path}. */
export class TmuxTerminal implements AsyncDisposable {
  /** As `/dev/pts/3`. */
  readonly path: string
  /** All that was written to it, byte for byte. */
  raw = ''
  private readonly socket: string
  private readonly folder: string
  private readonly stream: ReadStream
  private listeners: (() => void)[] = []

  static async open(columns = 80, rows = 24, command = NOBODY): Promise<TmuxTerminal> {
    const folder = await mkdtemp(join(tmpdir(), 'boottorrent-terminal-'))
    terminals += 1
    const socket = `boottorrent-${process.pid}-${terminals}`
    const size = ['-x', String(columns), '-y', String(rows)]
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', 'new-session', '-d', ...size, command, ...NO_STATUS])
    return new TmuxTerminal(socket, folder)
  }

  private constructor(socket: string, folder: string) {
    this.socket = socket
    this.folder = folder
    this.path = this.tmux('display-message', '-p', '#{pane_tty}').trim()
    const pipe = join(folder, 'raw')
    execFileSync('mkfifo', [pipe])
    this.tmux('pipe-pane', '-O', `exec cat > '${pipe}'`)
    this.stream = createReadStream(pipe)
    this.stream.setEncoding('utf8')
    this.stream.on('data', (text) => {
      this.raw += text
      for (const listener of this.listeners) listener()
    })
  }

  /** What a person sees. @param words such as `-e`, for its colours too */
  screen(...words: string[]): string {
    return this.tmux('capture-pane', '-p', ...words)
  }

  /** Types keys, by their names in tmux: `Enter`, `Down`, `C-s`, or text. */
  type(...keys: string[]): void {
    this.tmux('send-keys', ...keys)
  }

  resize(columns: number, rows: number): void {
    this.tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** Process number of the program that the shell in this terminal runs. */
  childPid(): number {
    const shell = this.tmux('display-message', '-p', '#{pane_pid}').trim()
    return Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8'))
  }

  /** Whether a program shows a screen of its own instead of the terminal's. */
  isAlternate(): boolean {
    return this.tmux('display-message', '-p', '#{alternate_on}').trim() === '1'
  }

  /** The plain lines that have arrived whole, without what came with them. */
  plainLines(): string[] {
    const lines = this.raw.split('\n').slice(0, -1)
    return lines.filter((line) => line.startsWith('boottorrent: ')).map((line) => line.replace(/\r$/, ''))
  }

  /** Resolves with the screen as soon as it looks like this. */
  async shows(pattern: RegExp | string, milliseconds = 60_000): Promise<string> {
    return this.until(`screen with ${pattern}`, milliseconds, () => {
      const screen = this.screen()
      return (typeof pattern === 'string' ? screen.includes(pattern) : pattern.test(screen)) ? screen : undefined
    })
  }

  /** Resolves as soon as there are that many such plain lines. */
  async says(pattern: RegExp, count = 1): Promise<string[]> {
    return this.until(`${count} lines with ${pattern}`, 60_000, () => {
      const lines = this.plainLines().filter((line) => pattern.test(line))
      return lines.length >= count ? lines : undefined
    })
  }

  /** Process number of the tmux that reads this terminal. */
  serverPid(): number {
    return Number(this.tmux('display-message', '-p', '#{pid}'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.tmux('kill-server')
    this.stream.destroy()
    await rm(this.folder, { recursive: true, force: true })
  }

  private until<T>(what: string, milliseconds: number, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer)
        this.listeners = this.listeners.filter((other) => other !== listener)
      }
      const listener = () => {
        const found = look()
        if (found === undefined) return
        finish()
        resolve(found)
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`no ${what} within ${milliseconds} ms:\n${this.screen()}`))
      }, milliseconds)
      this.listeners.push(listener)
      listener()
    })
  }

  private tmux(...words: string[]): string {
    return execFileSync('tmux', ['-L', this.socket, ...words], { encoding: 'utf8' })
  }
}
