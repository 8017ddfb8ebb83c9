/**
 * The one source of what is shown of the room: in the terminal, in the browser and to programs. It puts together what the
 * timelines of machines, the tracker and the seeder know, as a snapshot and as changes.
 *
 * ```ts
 * await using board = createStatusBoard({ machines, server: { interface: 'eth0', address: '192.0.2.1' } })
 * board.on('change', ({ machines, events }) => …)
 * board.start()
 * console.log(board.snapshot().machines.length)
 * ```
 */
import type { EventEmitter } from 'node:events'
import type { Machines } from '../machines/index.ts'
import { Board } from './board.ts'
import type { Status, StatusChange, StatusEvent, StatusMachineDetail } from './model.ts'

export interface StatusBoardOptions {
  readonly machines: Machines
  readonly server: { readonly program: string; readonly interface: string; readonly address: string }
  /** What the API offers to do. */
  readonly actions?: readonly ('wake' | 'reload')[]
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** A system that is served. */
export interface ServedSystem {
  readonly name: string
  readonly displayName: string
  readonly infoHash: string
  readonly bytes: number
}

/** What the tracker counts of one swarm. */
export interface CountedSwarm {
  readonly infoHash: string
  readonly complete: number
  readonly incomplete: number
}

/** What the seeder counts of one torrent since it was started. */
export interface SeededBytes {
  readonly infoHash: string
  readonly uploaded: number
}

export interface StatusBoardEvents {
  /** Something is different: at most twice a second, with everything that changed since the last one. */
  change: [StatusChange]
}

/** The state of the room, as a snapshot and as changes. */
export interface StatusBoard extends EventEmitter<StatusBoardEvents>, AsyncDisposable {
  /** Begins to look who is stuck and to measure the traffic, every second. */
  start(): void
  close(): void
  snapshot(): Status
  /** One machine with its timeline. */
  machine(mac: string): StatusMachineDetail | undefined
  /** At which interfaces and addresses the server is now, the first being the one that is shown. */
  locate(interfaces: readonly { readonly name: string; readonly address: string }[]): void
  /** Which systems are served now. */
  serve(systems: readonly ServedSystem[]): void
  countSwarms(swarms: readonly CountedSwarm[]): void
  countSeeded(totals: readonly SeededBytes[]): void
  /** Adds to the last events what did not come from a machine. */
  note(kind: Exclude<StatusEvent['kind'], 'step'>, text: string, mac?: string): void
  /**
   * Does what is due: sends the changes that have gathered, and once a second looks at machines and traffic. Called by
   * itself while it runs; tests with a clock of their own call it.
   */
  tick(): void
}

/** Makes a board of an existing room. */
export function createStatusBoard(options: StatusBoardOptions): StatusBoard {
  return new Board(options)
}

export type * from './model.ts'
