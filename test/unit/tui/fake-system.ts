import type { Child, Command, Exchange, Exit, System, Terminal } from '../../../client/tui/system.ts'

/** A machine for tests: its time passes only when told, its terminals and programs are objects to look at. */
export class FakeSystem implements System {
  readonly pid = 1
  readonly environment: Record<string, string> = {}
  readonly files = new Map<string, string>()
  readonly terminals = new Map<string, FakeTerminal>()
  readonly children: FakeChild[] = []
  exitCode: number | undefined
  free: number | undefined
  /** Answers what is sent to a TCP port. */
  onExchange: (exchange: Exchange) => string | Promise<string> = ({ port }) => {
    throw new Error(`nobody listens on port ${port}`)
  }
  /** What a program does that has just been started. */
  onSpawn: (child: FakeChild) => void = () => {}
  private time = 0
  private timers: { at: number; callback: () => void }[] = []

  env(name: string) {
    return this.environment[name]
  }

  now() {
    return this.time
  }

  after(milliseconds: number, callback: () => void) {
    const timer = { at: this.time + Math.max(0, milliseconds), callback }
    this.timers.push(timer)
    return {
      cancel: () => {
        this.timers = this.timers.filter((other) => other !== timer)
      },
    }
  }

  /** Lets time pass: timers run in their order, and promises settle between them. */
  async pass(milliseconds: number) {
    const end = this.time + milliseconds
    await settle()
    for (let next = this.nextTimer(end); next; next = this.nextTimer(end)) {
      this.time = Math.max(this.time, next.at)
      this.timers = this.timers.filter((timer) => timer !== next)
      next.callback()
      await settle()
    }
    this.time = end
  }

  get pendingTimers() {
    return this.timers.length
  }

  readFile(path: string) {
    return this.files.get(path)
  }

  readBytes(path: string, length: number) {
    const text = this.files.get(path)
    return text === undefined ? undefined : Uint8Array.from(Buffer.from(text, 'latin1')).subarray(0, length)
  }

  exists(path: string) {
    return this.files.has(path)
  }

  freeBytes() {
    return this.free
  }

  async freePort() {
    return 6800
  }

  randomHex(bytes: number) {
    return 'a5'.repeat(bytes)
  }

  openTerminal(path: string): Terminal {
    const terminal = this.terminals.get(path)
    if (!terminal || terminal.isBroken) throw new Error(`no such terminal: ${path}`)
    terminal.isOpen = true
    return terminal
  }

  spawn(command: Command): Child {
    const child = new FakeChild(command)
    this.children.push(child)
    this.onSpawn(child)
    return child
  }

  async exchange(exchange: Exchange) {
    return this.onExchange(exchange)
  }

  exit(code: number) {
    this.exitCode = code
  }

  /** Adds a terminal that can be opened at this path. */
  addTerminal(path: string) {
    const terminal = new FakeTerminal()
    this.terminals.set(path, terminal)
    return terminal
  }

  private nextTimer(end: number) {
    return this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
  }
}

export class FakeTerminal implements Terminal {
  isOpen = false
  isBroken = false
  /** How many bytes it takes before it has to be drained. */
  room = Number.POSITIVE_INFINITY
  columns: number | undefined
  rows: number | undefined
  received = ''
  private input: (text: string) => void = () => {}
  private writable: (() => void) | undefined

  size() {
    if (this.columns === undefined || this.rows === undefined) return undefined
    return { columns: this.columns, rows: this.rows }
  }

  write(bytes: Uint8Array) {
    if (this.isBroken) throw new Error('input/output error')
    const taken = Math.min(this.room, bytes.length)
    this.room -= taken
    this.received += Buffer.from(bytes.subarray(0, taken)).toString('latin1')
    return taken
  }

  onInput(callback: (text: string) => void) {
    this.input = callback
  }

  onceWritable(callback: () => void) {
    this.writable = callback
  }

  close() {
    this.isOpen = false
  }

  type(text: string) {
    this.input(text)
  }

  /** Makes room for that many bytes. */
  drain(bytes: number) {
    this.room = bytes
    const callback = this.writable
    this.writable = undefined
    callback?.()
  }

  /** The plain lines that have arrived whole. */
  get plainLines() {
    return Buffer.from(this.received, 'latin1')
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('boottorrent: '))
      .map((line) => line.replace(/\r$/, ''))
  }
}

export class FakeChild implements Child {
  readonly command: Command
  readonly exit: Promise<Exit>
  readonly signals: string[] = []
  hasEnded = false
  private resolve: (exit: Exit) => void = () => {}

  constructor(command: Command) {
    this.command = command
    this.exit = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  /** Takes no notice of signals that can be ignored. */
  isDeaf = false

  kill(signal: 'INT' | 'TERM' | 'KILL') {
    this.signals.push(signal)
    if (!this.isDeaf || signal === 'KILL') this.end({ signal: { INT: 2, TERM: 15, KILL: 9 }[signal] })
  }

  end(exit: Exit) {
    this.hasEnded = true
    this.resolve(exit)
  }

  say(line: string) {
    this.command.onLine?.(line)
  }
}

/** Lets every promise that can settle do so. */
async function settle() {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
}
