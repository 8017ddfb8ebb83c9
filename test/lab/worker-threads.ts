import type { Worker } from 'node:worker_threads'

/** The worker threads that were started since it was made, by their names: nothing else tells a test which thread is whose. */
export class WorkerThreads implements Disposable {
  readonly #byName = new Map<string, Worker>()

  constructor() {
    process.on('worker', this.#note)
  }

  /** The last one of this name. */
  get(name: string): Worker | undefined {
    return this.#byName.get(name)
  }

  [Symbol.dispose](): void {
    process.off('worker', this.#note)
  }

  readonly #note = (worker: Worker): void => {
    const { threadName } = worker as Worker & { threadName: string }
    this.#byName.set(threadName, worker)
  }
}
