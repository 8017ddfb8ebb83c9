/**
 * Leases on the disk: a file of lines, one JSON object for each lease that was given, prolonged or ended; the last line
 * about an address counts. Lines that come in while the disk is busy are written and synced together. The file is
 * rewritten when most of its lines are outdated, while it goes on.
 */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { BoottorrentError } from '../errors.ts'
import type { Log } from '../log.ts'
import { LeaseFile } from './lease-file.ts'
import { formatLease } from './lease-line.ts'
import { LeaseRewrite, removeUnfinished } from './lease-rewrite.ts'
import type { Lease } from './leases.ts'

export interface JournalOptions {
  /** Called with every lease of the file, oldest first. */
  take(lease: Lease): void
  /** How many leases there are now. */
  count(): number
  /** The leases as they are now. */
  leases(): Iterable<Lease>
  readonly log: Log
}

/** Lines that are written together. */
interface Batch {
  readonly lines: string[]
  readonly written: Promise<void>
  readonly finish: () => void
}

/** A file is rewritten when it has this many lines, and so many for each lease. */
const REWRITE_FROM_LINES = 2_000
const LINES_PER_LEASE = 4
/** After a rewrite that failed, for there was no room for two files. Milliseconds. */
const REWRITE_AGAIN = 10_000

/** Syncs begin at least this far apart: a room pays one for many machines, and nobody notices the time. Milliseconds. */
const SYNC_INTERVAL = 10

export class Journal {
  readonly #path: string
  readonly #options: JournalOptions
  #file: LeaseFile
  /** Lines that wait for the disk. */
  #batch: Batch | undefined
  #working: Promise<void> | undefined
  #rewrite: LeaseRewrite | undefined
  /** While the rewrite copies. */
  #copying: Promise<void> | undefined
  /** The rewrite waits to take the file's place. */
  #isCopied = false
  #rewriteNotBefore = 0
  /** The disk has refused lines, which are in memory alone. */
  #isBehind = false
  #lastSync = 0
  /** How often the disk was asked to make lines last. */
  syncs = 0

  private constructor(path: string, file: LeaseFile, options: JournalOptions) {
    this.#path = path
    this.#file = file
    this.#options = options
  }

  /**
   * Opens the file, or makes it, and hands every lease in it to `take`.
   * @throws BoottorrentError FILE
   */
  static async open(path: string, options: JournalOptions): Promise<Journal> {
    try {
      const file = await LeaseFile.open(path, options.take, options.log)
      await removeUnfinished(path)
      return new Journal(path, file, options)
    } catch (cause) {
      throw new BoottorrentError('FILE', `The lease file ${path} cannot be opened`, {
        hint: 'Is it a file, and may this user write it?',
        cause,
      })
    }
  }

  /**
   * Writes a lease down; done when it is on the disk. When the disk refuses it, that is logged, the lease is kept in
   * memory and written as soon as the disk takes lines again: a full disk should not stop a class.
   */
  append(lease: Lease): Promise<void> {
    this.#batch ??= makeBatch()
    const { lines, written } = this.#batch
    lines.push(formatLease(lease))
    this.#work()
    return written
  }

  /** How many lines wait for the disk. */
  get backlog(): number {
    return this.#batch?.lines.length ?? 0
  }

  /** Everything that was appended is on the disk when this is done, if the disk takes it. */
  async close(): Promise<void> {
    await this.#settle()
    if (this.#isBehind) this.#beginRewrite()
    await this.#settle()
    await this.#file.close()
  }

  async #settle(): Promise<void> {
    while (this.#working !== undefined || this.#copying !== undefined) {
      await this.#working
      await this.#copying
    }
  }

  #work(): void {
    if (this.#working === undefined && this.#hasWork()) this.#working = this.#workOff()
  }

  #hasWork(): boolean {
    return this.#batch !== undefined || this.#isCopied
  }

  /** The only one who touches the file, one thing after the other. */
  async #workOff(): Promise<void> {
    while (this.#hasWork()) {
      if (this.#rewrite !== undefined && this.#isCopied) await this.#finishRewrite(this.#rewrite)
      else await this.#writeBatch()
    }
    this.#working = undefined
  }

  async #writeBatch(): Promise<void> {
    // Everything that comes in meanwhile, at least in this turn of the event loop, shares the sync.
    const early = this.#lastSync + SYNC_INTERVAL - performance.now()
    await (early > 0 ? wait(early) : nextTurn())
    const batch = this.#batch
    this.#batch = undefined
    if (batch === undefined) return
    this.#lastSync = performance.now()
    // Whether the old file takes them or not, the new one is to have them.
    this.#rewrite?.follow(batch.lines)
    try {
      await this.#file.append(batch.lines)
      await this.#file.sync()
      this.syncs += 1
      this.#rewriteIfNeeded()
    } catch (error) {
      this.#fallBehind(error)
    }
    batch.finish()
  }

  #fallBehind(error: unknown): void {
    if (this.#isBehind) return
    this.#isBehind = true
    const reason = error instanceof Error ? error.message : String(error)
    const message = `Leases cannot be written to ${this.#path} and are kept in memory until they can: ${reason}`
    this.#options.log({ level: 'error', event: 'dhcp.leases-unwritten', message, reason })
  }

  /** After the disk refused lines, the next one that it takes begins a rewrite, which has them all. */
  #rewriteIfNeeded(): void {
    if (this.#rewrite !== undefined || performance.now() < this.#rewriteNotBefore) return
    const { lines } = this.#file
    const isLong = lines >= REWRITE_FROM_LINES && lines >= LINES_PER_LEASE * this.#options.count()
    if (isLong || this.#isBehind) this.#beginRewrite()
  }

  #beginRewrite(): void {
    this.#rewrite = new LeaseRewrite(this.#path, this.#options.leases())
    this.#copying = this.#copy(this.#rewrite)
  }

  async #copy(rewrite: LeaseRewrite): Promise<void> {
    try {
      await rewrite.copy()
      this.#isCopied = true
    } catch {
      await this.#giveUp(rewrite)
    }
    this.#copying = undefined
    this.#work()
  }

  async #finishRewrite(rewrite: LeaseRewrite): Promise<void> {
    const before = this.#file
    this.#isCopied = false
    try {
      this.#file = await rewrite.takePlace()
    } catch {
      await this.#giveUp(rewrite)
      return
    }
    this.#rewrite = undefined
    await before.close().catch(() => {})
    if (!this.#isBehind) return
    this.#isBehind = false
    const message = `Leases can be written to ${this.#path} again, and all of them are`
    this.#options.log({ level: 'info', event: 'dhcp.leases-written', message })
  }

  /** The long file is as good as before. */
  async #giveUp(rewrite: LeaseRewrite): Promise<void> {
    await rewrite.abandon()
    this.#rewrite = undefined
    this.#rewriteNotBefore = performance.now() + REWRITE_AGAIN
  }
}

function makeBatch(): Batch {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { lines: [], written: promise, finish: resolve }
}
