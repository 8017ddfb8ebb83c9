/** The thread of the simulated machines, seen from the host. */
import { EventEmitter } from 'node:events'
import { Worker } from 'node:worker_threads'
import { workerUrl } from '../supervised-worker.ts'
import type { RoomReport, RoomRequest, RoomTask, SwarmOutcome } from './messages.ts'

const NURSERY_MB = 8

export interface MachinesThreadEvents {
  report: [RoomReport]
}

export class MachinesThread extends EventEmitter<MachinesThreadEvents> implements AsyncDisposable {
  readonly #worker: Worker
  readonly #ended: Promise<void>
  /** Rejects when the thread crashes: whoever waits for it must not wait for ever. */
  readonly #crashed: Promise<never>

  private constructor(task: RoomTask) {
    super()
    const worker = new Worker(workerUrl('demo', 'machines-worker'), {
      name: 'machines',
      workerData: task,
      // Buffers of the network die young, and are found sooner in a small nursery.
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
    })
    this.#worker = worker
    this.#crashed = new Promise((_, reject) => worker.once('error', reject))
    this.#crashed.catch(() => {})
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()))
    worker.on('message', (report: RoomReport) => this.emit('report', report))
  }

  /** @throws what keeps it from starting */
  static async open(task: RoomTask): Promise<MachinesThread> {
    const thread = new MachinesThread(task)
    await thread.#told('ready')
    return thread
  }

  /**
   * Switches all machines on; resolves when their systems run.
   *
   * @param go they stay in their menus until then
   */
  async boot(go?: Promise<unknown>): Promise<SwarmOutcome> {
    this.#ask({ request: 'boot', held: go !== undefined })
    go?.then(() => this.#ask({ request: 'go' }))
    return this.#told('booted')
  }

  /** Lets all machines download the same from a server alone. @returns the seconds that it took */
  async downloadCentrally(url: string): Promise<number> {
    this.#ask({ request: 'central', url })
    const { seconds } = await this.#told('central')
    return seconds
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
    await this.#ended
  }

  #ask(request: RoomRequest): void {
    this.#worker.postMessage(request)
  }

  async #told<Kind extends RoomReport['report']>(kind: Kind): Promise<Extract<RoomReport, { report: Kind }>> {
    const reports = new AbortController()
    try {
      const wanted = new Promise<Extract<RoomReport, { report: Kind }>>((resolve) => {
        const take = (report: RoomReport) => {
          if (report.report === kind) resolve(report as Extract<RoomReport, { report: Kind }>)
        }
        this.on('report', take)
        reports.signal.addEventListener('abort', () => this.off('report', take))
      })
      return await Promise.race([wanted, this.#crashed])
    } finally {
      reports.abort()
    }
  }
}
