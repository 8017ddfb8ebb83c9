/**
 * Tells when the files of an environment have changed and stay as they are now.
 *
 * ```ts
 * await using changes = new EnvironmentChanges({ directory: '/srv/lab', file: 'Boottorrent.yaml', onChange: reload })
 * await changes.start()
 * ```
 *
 * Folders are watched, so that a change is noticed at once; and looked at now and then, because network file systems tell
 * nothing of changes that others make, and because systems limit how many folders can be watched.
 */
import { type FSWatcher, watch } from 'node:fs'
import { type Look, lookAt } from './look.ts'
import { SettledChange } from './settled.ts'

/** A record of hashes is only kept of files that were left alone for two seconds. */
const QUIET_MS = 2_500
/** After a sign of a change, and while there are changes. */
const NEXT_LOOK_MS = 500
const POLL_MS = 10_000
/** Looking at a hundred thousand files takes a second, and must not become all that the program does. */
const REST_PER_LOOK = 20
const FOLDERS_WATCHED = 512

export interface EnvironmentChangesOptions {
  /** Absolute path of the environment. */
  readonly directory: string
  /** Name of its configuration in it. */
  readonly file: string
  /** Called when there was a change and everything has stayed the same since. Must not throw. */
  readonly onChange: () => void
  /** Milliseconds for which everything has to stay the same. */
  readonly quiet?: number
  /** Milliseconds between two looks when nothing was noticed. */
  readonly poll?: number
}

export class EnvironmentChanges implements AsyncDisposable {
  readonly #options: EnvironmentChangesOptions
  readonly #watchers = new Map<string, FSWatcher>()
  #change: SettledChange | undefined
  #next: NodeJS.Timeout | undefined
  #nextAt = Number.POSITIVE_INFINITY
  /** The look that is under way. */
  #looking: Promise<void> | undefined
  #isClosed = false

  constructor(options: EnvironmentChangesOptions) {
    this.#options = options
  }

  /** What is there now counts as known. Does not keep a program running by itself. */
  async start(): Promise<void> {
    const look = await this.#look()
    this.#change = new SettledChange(look.signature, this.#options.quiet ?? QUIET_MS)
    this.#watch(look.folders)
    this.#lookWithin(this.#options.poll ?? POLL_MS)
  }

  /** Looks soon: somebody else noticed that something has changed. */
  hint(): void {
    this.#lookWithin(NEXT_LOOK_MS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#next)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    await this.#looking
  }

  #look(): Promise<Look> {
    return lookAt(this.#options.directory, this.#options.file)
  }

  /** A look that is due earlier stays as it is. */
  #lookWithin(milliseconds: number): void {
    const at = performance.now() + milliseconds
    if (this.#isClosed || at >= this.#nextAt) return
    this.#nextAt = at
    clearTimeout(this.#next)
    this.#next = setTimeout(() => this.#startLooking(), milliseconds).unref()
  }

  #startLooking(): void {
    this.#nextAt = Number.POSITIVE_INFINITY
    // A sign of a change that comes during a look asks for one more.
    this.#looking = (this.#looking ?? Promise.resolve()).then(() => this.#check())
  }

  async #check(): Promise<void> {
    const began = performance.now()
    const look = await this.#look()
    if (this.#isClosed) return
    const now = performance.now()
    const found = this.#change?.look(look.signature, now)
    this.#watch(look.folders)
    const rest = (now - began) * REST_PER_LOOK
    if (found === 'changing') this.#lookWithin(Math.max(NEXT_LOOK_MS, now - began))
    else this.#lookWithin(Math.max(this.#options.poll ?? POLL_MS, rest))
    if (found === 'settled') this.#options.onChange()
  }

  /** Watches these folders and no others. */
  #watch(folders: readonly string[]): void {
    const wanted = new Set(folders.slice(0, FOLDERS_WATCHED))
    for (const [folder, watcher] of this.#watchers) {
      if (!wanted.has(folder)) this.#unwatch(folder, watcher)
    }
    for (const folder of wanted) {
      if (this.#watchers.has(folder)) continue
      try {
        const watcher = watch(folder, { persistent: false }, () => this.hint())
        // Its folder is gone, or the system's limit is reached: the looks that come anyway have to do.
        watcher.on('error', () => this.#unwatch(folder, watcher))
        this.#watchers.set(folder, watcher)
      } catch {}
    }
  }

  #unwatch(folder: string, watcher: FSWatcher): void {
    watcher.close()
    this.#watchers.delete(folder)
  }
}
