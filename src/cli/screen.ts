/** Where a serving command tells what happens: in a dashboard on a terminal, else in plain lines. */
import process from 'node:process'
import type { Log, LogEntry, LogLevel } from '../log.ts'
import { platform } from '../platform/index.ts'
import { borrowStderr } from './borrowed-stderr.ts'
import type { Dashboard, ShownServer } from './dashboard/index.ts'
import { type Io, inColor } from './io.ts'
import { plainLog } from './log.ts'
import { sentencesOf } from './report-error.ts'

export interface ScreenOptions {
  readonly level: LogLevel
  /** Plain lines even on a terminal. */
  readonly plain: boolean
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Troubles that are told once more in plain lines when the dashboard is gone, and its screen with it. */
const TROUBLES_KEPT = 10

export class Screen implements AsyncDisposable {
  readonly #io: Io
  readonly #options: ScreenOptions
  readonly #plain: Log
  #dashboard: Dashboard | undefined
  #stderr: Disposable | undefined
  /** What the dashboard has to catch up with. */
  #earlier: LogEntry[] = []
  #troubles: LogEntry[] = []

  constructor(io: Io, options: ScreenOptions) {
    this.#io = io
    this.#options = options
    const { level, now = Date.now } = options
    this.#plain = plainLog(io, { level, now: () => new Date(now()) })
  }

  readonly log: Log = (entry) => {
    if (this.#dashboard === undefined) {
      this.#plain(entry)
      this.#earlier.push(entry)
      return
    }
    this.#dashboard.log(entry)
    if (entry.level === 'warn' || entry.level === 'error')
      this.#troubles = [...this.#troubles, entry].slice(-TROUBLES_KEPT)
  }

  /**
   * Shows the dashboard where there is a terminal for it, until this is closed.
   *
   * @param quit called each time a person wants the server to stop
   */
  async show(server: ShownServer, quit: () => void): Promise<void> {
    const { terminal, env } = this.#io
    const earlier = this.#earlier
    this.#earlier = []
    if (terminal === undefined || this.#options.plain || env.TERM === 'dumb' || platform.isInBackground()) return
    const { renderDashboard } = await loadDashboard(inColor(this.#io.stdout, env))
    this.#dashboard = renderDashboard(server, {
      terminal,
      level: this.#options.level,
      ...(this.#options.now === undefined ? {} : { now: this.#options.now }),
      quit,
      earlier,
      onFailure: (error) => {
        this.#takeAway()
        const message = `The dashboard ended, the server goes on. ${sentencesOf(error).message}`
        this.log({ level: 'warn', event: 'dashboard.failed', message })
      },
    })
    this.#stderr = borrowStderr((message) => this.log({ level: 'warn', event: 'process.stderr', message }))
  }

  async close(): Promise<void> {
    await this.#takeAway()?.close()
    for (const entry of this.#troubles) this.#plain(entry)
    this.#troubles = []
  }

  /** From now on lines are plain again. */
  #takeAway(): Dashboard | undefined {
    const dashboard = this.#dashboard
    this.#dashboard = undefined
    this.#stderr?.[Symbol.dispose]()
    return dashboard
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/**
 * Loads Ink only now: no other way of running needs it. What it colours with decides when it is loaded, knows FORCE_COLOR and
 * not NO_COLOR.
 */
async function loadDashboard(hasColor: boolean): Promise<typeof import('./dashboard/index.ts')> {
  const before = process.env.FORCE_COLOR
  if (!hasColor) process.env.FORCE_COLOR = '0'
  try {
    return await import('./dashboard/index.ts')
  } finally {
    if (before === undefined) delete process.env.FORCE_COLOR
    else process.env.FORCE_COLOR = before
  }
}
