/** The dashboard on a terminal: when it is drawn, and what keys set off. */
import { render as renderInk } from 'ink'
import type { LogEntry, LogLevel } from '../../log.ts'
import type { BootServer } from '../../server.ts'
import type { StatusChange } from '../../status/index.ts'
import { wake } from '../../wake/index.ts'
import type { Terminal } from '../io.ts'
import { ranks } from '../log.ts'
import { sentencesOf } from '../report-error.ts'
import { App } from './App.tsx'
import { type Action, firstView, type Press, press, type Shown, type View } from './keys.ts'
import { Room } from './room.ts'

/** What the dashboard needs of a server, so that a demo can show one of its own. */
export type ShownServer = Pick<BootServer, 'status' | 'served' | 'reload'>

export interface DashboardOptions {
  readonly terminal: Terminal
  /** Entries of the log from this level on are shown among the events. */
  readonly level: LogLevel
  /** Called when a person wants the server to stop, perhaps several times. */
  readonly quit: () => void
  /** Called when the dashboard met an error of its own and has given the terminal back. */
  readonly onFailure?: (error: unknown) => void
  /** What was logged before. */
  readonly earlier?: readonly LogEntry[]
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

export interface Dashboard extends AsyncDisposable {
  /** Puts an entry among the events. */
  log(entry: LogEntry): void
  /** Gives the terminal back as it was. Can be called again. */
  close(): Promise<void>
}

/** Milliseconds between two pictures that nobody pressed a key for, at least. */
const BETWEEN_PICTURES = 500
/** The same as a multiple of what the last picture took: large ones on a busy machine come less often. */
const COSTS_BETWEEN_PICTURES = 40
/** Milliseconds after which there is one though nothing happened, so that durations go on. */
const AT_LEAST_EVERY = 1000

/** Shows the server until it is closed. The terminal's own screen is left as it is, and comes back. */
export function renderDashboard(server: ShownServer, options: DashboardOptions): Dashboard {
  return new ShownDashboard(server, options)
}

class ShownDashboard implements Dashboard {
  readonly #server: ShownServer
  readonly #options: DashboardOptions
  readonly #room: Room
  readonly #ink: ReturnType<typeof renderInk>
  readonly #now: () => number
  #view: View = firstView
  #notice = ''
  #isClosed = false
  #nextDraw: NodeJS.Timeout | undefined
  #drawnAt = 0
  /** Milliseconds that the last picture took. */
  #cost = 0
  readonly #clock: NodeJS.Timeout

  constructor(server: ShownServer, options: DashboardOptions) {
    const { terminal, earlier = [], now = Date.now } = options
    this.#server = server
    this.#options = options
    this.#now = now
    this.#room = new Room(server.status.snapshot())
    for (const entry of earlier) this.log(entry)
    server.status.on('change', this.#onChange)
    terminal.output.on('resize', this.#onResize)
    // Ink does so only behind the first picture: what is typed before that would stand in it.
    terminal.input.setRawMode(true)
    this.#ink = renderInk(this.#picture(), {
      stdout: terminal.output,
      stdin: terminal.input,
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 30,
    })
    this.#ink.waitUntilExit().catch((error: unknown) => this.#fail(error))
    this.#clock = setInterval(() => this.#drawSoon(), AT_LEAST_EVERY).unref()
  }

  log(entry: LogEntry): void {
    if (ranks[entry.level] < ranks[this.#options.level]) return
    this.#room.log(entry, this.#now())
    this.#drawSoon()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#letGo()
    this.#ink.unmount()
    await this.#ink.waitUntilExit().catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  readonly #onChange = (change: StatusChange) => {
    this.#room.apply(change)
    this.#drawSoon()
  }

  /** What a terminal makes of the old picture when its size changes, nobody knows. */
  readonly #onResize = () => this.#repaint()

  /** Pictures are coalesced: however much happens, there are two a second at most. */
  #drawSoon(): void {
    if (this.#ink === undefined || this.#nextDraw !== undefined || this.#isClosed) return
    const pause = Math.max(BETWEEN_PICTURES, this.#cost * COSTS_BETWEEN_PICTURES)
    const wait = Math.max(0, this.#drawnAt + pause - performance.now())
    this.#nextDraw = setTimeout(() => this.#draw(), wait).unref()
  }

  #draw(): void {
    clearTimeout(this.#nextDraw)
    this.#nextDraw = undefined
    if (this.#isClosed) return
    this.#drawnAt = performance.now()
    this.#ink.rerender(this.#picture())
    this.#cost = performance.now() - this.#drawnAt
  }

  #repaint(): void {
    if (this.#isClosed) return
    this.#ink.clear()
    this.#draw()
  }

  #picture() {
    const { output } = this.#options.terminal
    const { screen, selected } = this.#view
    const detail = screen === 'machine' && selected !== undefined ? this.#server.status.machine(selected) : undefined
    return (
      <App
        room={this.#room}
        view={this.#view}
        now={this.#now()}
        columns={output.columns}
        rows={output.rows}
        notice={this.#notice}
        detail={detail}
        onPress={this.#onPress}
      />
    )
  }

  readonly #onPress = (pressed: Press, shown: Shown) => {
    const { view, action } = press(this.#view, pressed, shown)
    this.#view = view
    this.#notice = ''
    if (action !== undefined) this.#act(action)
    this.#draw()
  }

  #act(action: Action): void {
    switch (action.do) {
      case 'quit':
        this.#notice = 'Stopping. Press Ctrl+C once more to end at once.'
        this.#options.quit()
        break
      case 'repaint':
        this.#repaint()
        break
      case 'wake':
        void this.#try(`Waking ${action.mac}`, () => this.#wake(action.mac))
        break
      case 'reload':
        // How it went is told by the log.
        void this.#try('Reading the environment again', async () => {
          const { ok } = await this.#server.reload()
          return ok ? 'The environment was read again.' : 'The environment has problems: it is served as it was.'
        })
    }
  }

  async #wake(mac: string): Promise<string> {
    // Where a machine is that sleeps, nobody knows: it is called everywhere.
    for (const one of this.#server.served) await wake([mac], one)
    this.#server.status.note('wake', 'Woken by Wake-on-LAN', mac)
    return `Woke ${mac}. A machine that sleeps on needs Wake-on-LAN in its firmware setup.`
  }

  async #try(doing: string, work: () => Promise<string>): Promise<void> {
    this.#notice = `${doing} ...`
    try {
      this.#notice = await work()
    } catch (error) {
      const { message, hint } = sentencesOf(error)
      this.#notice = [message, hint].filter(Boolean).join(' ')
    }
    this.#draw()
  }

  /** A component threw: Ink has given the terminal back, and the server goes on without a picture. */
  #fail(error: unknown): void {
    if (this.#isClosed) return
    this.#letGo()
    this.#options.onFailure?.(error)
  }

  #letGo(): void {
    this.#isClosed = true
    clearInterval(this.#clock)
    clearTimeout(this.#nextDraw)
    this.#server.status.off('change', this.#onChange)
    this.#options.terminal.output.off('resize', this.#onResize)
  }
}
