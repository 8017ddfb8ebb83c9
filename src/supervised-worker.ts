/**
 * A service in a thread of its own: when it crashes, the rest of the program goes on and the thread is started again.
 */
import { EventEmitter } from 'node:events'
import { Worker } from 'node:worker_threads'
import { BoottorrentError, type ErrorCode } from './errors.ts'

/** What the thread says about itself. Everything else it posts is a report of the service. */
export type WorkerState =
  | { readonly state: 'ready'; readonly port: number }
  | { readonly state: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined }

/** Asks the thread to end. */
export const closeRequest = { request: 'close' } as const

export interface SupervisedWorkerEvents<Report> {
  report: [Report]
  /** The thread crashed; it is started again after `retryInMs`. */
  crash: [{ readonly error: Error; readonly retryInMs: number }]
  /** It runs again. */
  restart: []
}

export interface SupervisedWorkerOptions {
  /** Folder of the source file, and its name without extension; the name is unique among all threads. */
  readonly room: string
  readonly name: string
  /** What the thread is started with. Asked again at each start, with the port of the first one, and whether it crashed. */
  readonly data: (port: number, isRestart: boolean) => unknown
  readonly port: number
}

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 30_000
/** A thread that ran so long has recovered: the next crash counts as the first. */
const STABLE_MS = 60_000
const CLOSE_MS = 5_000

/** Where the code of a thread lies: beside its room in the source tree, beside this file when bundled into `dist/`. */
export function workerUrl(room: string, name: string): URL {
  const isSource = import.meta.url.endsWith('.ts')
  return new URL(isSource ? `./${room}/${name}.ts` : `./${name}.js`, import.meta.url)
}

export class SupervisedWorker<Report> extends EventEmitter<SupervisedWorkerEvents<Report>> {
  readonly #options: SupervisedWorkerOptions
  #worker: Worker | undefined
  #retry: NodeJS.Timeout | undefined
  #retryInMs = FIRST_RETRY_MS
  #closing = false
  #started: Promise<void> | undefined
  #port: number

  constructor(options: SupervisedWorkerOptions) {
    super()
    this.#options = options
    this.#port = options.port
  }

  /** The port that is served: the one that was asked for, or the one that was found when that was 0. */
  get port(): number {
    return this.#port
  }

  /**
   * Does nothing when it was started before and not closed since.
   *
   * @throws BoottorrentError what the thread says when it cannot start.
   */
  start(): Promise<void> {
    if (this.#started !== undefined) return this.#started
    this.#closing = false
    const started = this.#launch(false).catch((error) => {
      if (this.#started === started) this.#started = undefined
      throw error
    })
    this.#started = started
    return started
  }

  /** Sends something to the thread; lost when it is not running. */
  post(message: unknown): void {
    this.#worker?.postMessage(message)
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#started = undefined
    clearTimeout(this.#retry)
    const worker = this.#worker
    if (worker === undefined) return
    this.#worker = undefined
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage(closeRequest)
    const impatience = setTimeout(() => void worker.terminate(), CLOSE_MS)
    await ended
    clearTimeout(impatience)
  }

  #launch(isRestart: boolean): Promise<void> {
    const { room, name, data } = this.#options
    const worker = new Worker(workerUrl(room, name), { name, workerData: data(this.#port, isRestart) })
    this.#worker = worker
    const startedAt = performance.now()
    let isReady = false
    let crash: Error | undefined

    return new Promise((resolve, reject) => {
      worker.on('error', (error) => {
        crash = error instanceof Error ? error : new Error(String(error))
      })
      worker.on('message', (message: WorkerState | Report) => {
        if (!isState(message)) {
          this.emit('report', message)
        } else if (message.state === 'ready') {
          isReady = true
          this.#port = message.port
          resolve()
        } else {
          crash = new BoottorrentError(message.code, message.message, { hint: message.hint })
        }
      })
      worker.on('exit', (code) => {
        if (this.#worker === worker) this.#worker = undefined
        const error = crash ?? new Error(`the thread ${name} ended with code ${code}`)
        if (!isReady) reject(asStartFailure(name, error))
        else if (!this.#closing) this.#relaunchLater(error, performance.now() - startedAt)
      })
    })
  }

  #relaunchLater(error: Error, ranForMs: number): void {
    if (ranForMs >= STABLE_MS) this.#retryInMs = FIRST_RETRY_MS
    const retryInMs = this.#retryInMs
    this.#retryInMs = Math.min(retryInMs * 2, LAST_RETRY_MS)
    this.#retry = setTimeout(() => this.#relaunch(), retryInMs)
    this.emit('crash', { error, retryInMs })
  }

  #relaunch(): void {
    this.#launch(true).then(
      () => this.emit('restart'),
      (error) => {
        if (!this.#closing) this.#relaunchLater(error, 0)
      },
    )
  }
}

function isState(message: unknown): message is WorkerState {
  return typeof message === 'object' && message !== null && 'state' in message
}

function asStartFailure(name: string, error: Error): BoottorrentError {
  if (error instanceof BoottorrentError) return error
  return new BoottorrentError('INTERNAL', `The ${name} could not be started: ${error.message}`, {
    hint: 'Please report this with the whole output.',
    cause: error,
  })
}
