/** What the dashboard shows: the room as the status board tells of it, and the last lines of what happened. */
import { type LogEntry, type LogLevel, printable } from '../../log.ts'
import type {
  Status,
  StatusChange,
  StatusEvent,
  StatusMachine,
  StatusServer,
  StatusSwarm,
  StatusTraffic,
} from '../../status/index.ts'
import { type Progress, progressLine, progressOf } from '../progress-line.ts'

/** One line of what happened. */
export interface EventLine {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly level: LogLevel
  readonly mac: string | undefined
  readonly text: string
}

const LINES_KEPT = 200

/** What the board tells of by itself comes once, from there. */
const TOLD_BY_BOARD: ReadonlySet<string> = new Set(['machine', 'machine.stuck', 'swarm'])

export class Room {
  readonly machines = new Map<string, StatusMachine>()
  readonly lines: EventLine[] = []
  server: StatusServer
  swarms: readonly StatusSwarm[]
  traffic: StatusTraffic | undefined
  /** Long work at the server, as `reading debian ████░░░░ 42 %`; undefined when there is none. */
  work: string | undefined
  /** Address of the web page, with what allows to wake machines from there; undefined until it is known. */
  page: string | undefined
  #lastLine = 0

  constructor(status: Status) {
    this.server = status.server
    this.swarms = status.swarms
    this.traffic = status.traffic.at(-1)
    for (const machine of status.machines) this.machines.set(machine.mac, machine)
    for (const event of status.events) this.#tell(event)
  }

  apply({ machines = [], forgotten = [], swarms, traffic = [], events = [] }: StatusChange): void {
    for (const machine of machines) this.machines.set(machine.mac, machine)
    for (const mac of forgotten) this.machines.delete(mac)
    this.swarms = swarms ?? this.swarms
    this.traffic = traffic.at(-1) ?? this.traffic
    for (const event of events) this.#tell(event)
  }

  /** Adds an entry of the log, unless it is about what the board tells of. */
  log(entry: LogEntry, time: number): void {
    const progress: Progress | undefined = progressOf(entry)
    this.work = progress && progressLine(progress)
    if (entry.event === 'web.ready') this.page = `${entry.url}#token=${entry.token}`
    if (progress !== undefined || TOLD_BY_BOARD.has(entry.event)) return
    this.#add({ time, level: entry.level, mac: entry.mac, text: printable(entry.message, 1000) })
  }

  #tell({ kind, time, mac, step, text }: StatusEvent): void {
    const isBad = kind === 'stuck' || step === 'failed' || step === 'trouble'
    const words = kind === 'step' ? `${step}: ${text}` : kind === 'stuck' ? `stuck: ${text}` : text
    this.#add({ time, level: isBad ? 'warn' : 'info', mac: mac ?? undefined, text: words })
  }

  #add(line: Omit<EventLine, 'id'>): void {
    this.#lastLine += 1
    this.lines.push({ id: this.#lastLine, ...line })
    if (this.lines.length > LINES_KEPT) this.lines.shift()
  }
}
