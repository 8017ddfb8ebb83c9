/** Runs transfers in several threads: sending is almost all that a TFTP server does, and one thread keeps one processor busy. */
import type { BootFile } from '../boot-files.ts'
import type { Log } from '../log.ts'
import { SupervisedWorker } from '../supervised-worker.ts'
import type { HostReport, HostRequest, HostSettings, TransferHost, TransferTask } from './messages.ts'

interface Thread {
  readonly worker: SupervisedWorker<HostReport>
  /** Numbers of the transfers that run in it. */
  readonly running: Set<number>
  /** What is posted to a thread that has crashed and does not run again yet is lost. */
  isReady: boolean
}

export interface ThreadedHostOptions {
  /** Threads to run. */
  readonly count: number
  readonly settings: HostSettings
  readonly report: (report: HostReport) => void
  readonly log: Log
  /** Runs transfers while every thread has crashed and none is started again yet. */
  readonly standIn: TransferHost
}

export class ThreadedHost implements TransferHost {
  readonly #report: (report: HostReport) => void
  readonly #log: Log
  readonly #standIn: TransferHost
  readonly #threads: readonly Thread[]
  /** Bytes in memory as all threads can see them. A copy is made once for each file, not once for each transfer. */
  readonly #shared = new WeakMap<Uint8Array, Uint8Array>()

  constructor({ count, settings, report, log, standIn }: ThreadedHostOptions) {
    this.#report = report
    this.#log = log
    this.#standIn = standIn
    const each: HostSettings = { ...settings, cache: Math.floor(settings.cache / count) }
    this.#threads = Array.from({ length: count }, () => this.#thread(each))
  }

  /** @throws BoottorrentError INTERNAL when a thread cannot be started; then none is left running. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#threads.map(startThread))
    } catch (error) {
      await this.close()
      throw error
    }
  }

  post(request: HostRequest): void {
    if (request.request !== 'open') {
      const thread = this.#threads.find(({ running }) => running.has(request.id))
      if (thread !== undefined) thread.worker.post(request)
      else this.#standIn.post(request)
      return
    }
    const idlest = this.#idlestFor(request)
    if (idlest === undefined) {
      this.#standIn.post(request)
      return
    }
    idlest.running.add(request.id)
    idlest.worker.post({ ...request, file: this.#share(request.file) })
  }

  async close(): Promise<void> {
    for (const thread of this.#threads) thread.isReady = false
    await Promise.all([...this.#threads.map(({ worker }) => worker.close()), this.#standIn.close()])
  }

  /**
   * Without a window a transfer is a packet at a time, and each one wakes a thread: one thread that finds many packets when
   * it wakes is faster than two that find few. So these leave the last thread to those with a window, if there is another.
   */
  #idlestFor({ options }: TransferTask): Thread | undefined {
    const ready = this.#threads.filter(({ isReady }) => isReady)
    const hasWindow = options.some(({ name }) => name.toLowerCase() === 'windowsize')
    const candidates = hasWindow || ready.length === 1 ? ready : ready.slice(0, -1)
    return candidates.toSorted((one, other) => one.running.size - other.running.size).at(0)
  }

  #thread(settings: HostSettings): Thread {
    const worker = new SupervisedWorker<HostReport>({
      room: 'tftp',
      name: 'transfer-worker',
      data: () => settings,
      port: 0,
    })
    const thread: Thread = { worker, running: new Set(), isReady: false }
    const { running } = thread
    worker.on('report', (report) => {
      if (report.report === 'end' || report.report === 'unreadable') running.delete(report.id)
      this.#report(report)
    })
    worker.on('crash', ({ error, retryInMs }) => {
      thread.isReady = false
      for (const id of running) this.#reportCrash(id, error.message)
      running.clear()
      this.#logCrash(error, retryInMs)
    })
    worker.on('restart', () => {
      thread.isReady = true
    })
    return thread
  }

  #logCrash(error: Error, retryInMs: number): void {
    const alone = this.#threads.every(({ isReady }) => !isReady) ? '; until then the server sends files itself' : ''
    const message = `a TFTP thread crashed and is started again in ${retryInMs} ms${alone}: ${error.message}`
    this.#log({ level: 'warn', event: 'tftp.thread-crashed', message, retryInMs })
  }

  #reportCrash(id: number, detail: string): void {
    const progress = { bytes: 0, retransmits: 0, ms: 0 }
    this.#report({ id, report: 'end', end: { kind: 'aborted', reason: 'crashed', detail }, progress })
  }

  #share(file: BootFile): BootFile {
    if (!('bytes' in file) || file.bytes.buffer instanceof SharedArrayBuffer) return file
    let shared = this.#shared.get(file.bytes)
    if (shared === undefined) {
      shared = new Uint8Array(new SharedArrayBuffer(file.bytes.length))
      shared.set(file.bytes)
      this.#shared.set(file.bytes, shared)
    }
    return { name: file.name, size: file.size, bytes: shared }
  }
}

async function startThread(thread: Thread): Promise<void> {
  await thread.worker.start()
  thread.isReady = true
}
