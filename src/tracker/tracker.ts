import { EventEmitter } from 'node:events'
import { type Log, printable, silent } from '../log.ts'
import { requirePortNumber } from '../port-number.ts'
import { SupervisedWorker } from '../supervised-worker.ts'
import type { Tracker, TrackerEvents, TrackerOptions } from './index.ts'
import type { KnownPeer, SwarmCounts, TrackerReport, TrackerTask, TrackRequest, WarnRequest } from './messages.ts'

/** Different reasons for a refusal that are logged; strangers could make up any number. */
const REASONS_LOGGED = 16
const PEERS_REMEMBERED = 1_000

export class ThreadedTracker extends EventEmitter<TrackerEvents> implements Tracker {
  readonly #log: Log
  readonly #address: string
  readonly #worker: SupervisedWorker<TrackerReport>
  readonly #reasons = new Set<string>()
  /** By info-hash and address: what a thread that crashes must not take along. Those that came last, when there are many. */
  readonly #peers = new Map<string, KnownPeer>()
  #infoHashes: () => Iterable<string>
  /** By info-hash. */
  readonly #warnings = new Map<string, string>()
  #refused = 0
  #swarms: readonly SwarmCounts[] = []

  constructor({ address, port = 0, infoHashes, log = silent }: TrackerOptions) {
    super()
    this.#log = log
    this.#address = address
    this.#infoHashes = typeof infoHashes === 'function' ? infoHashes : () => infoHashes
    const data = (boundPort: number, isRestart: boolean): TrackerTask => {
      const peers = isRestart ? [...this.#peers.values()] : []
      const warnings = [...this.#warnings].map(([infoHash, message]) => ({ infoHash, message }))
      return { address, port: boundPort, infoHashes: [...this.#infoHashes()], warnings, peers }
    }
    this.#worker = new SupervisedWorker({ room: 'tracker', name: 'tracker-worker', data, port })
    this.#worker.on('report', (report) => this.#onReport(report))
    this.#worker.on('crash', ({ error, retryInMs }) => this.#onCrash(error, retryInMs))
    this.#worker.on('restart', () => this.#onRestart())
  }

  get port(): number {
    return this.#worker.port
  }

  get refused(): number {
    return this.#refused
  }

  async start(): Promise<void> {
    requirePortNumber(this.port, 'the tracker')
    await this.#worker.start()
    const message = `tracking on ${this.#address}:${this.port} by HTTP and UDP`
    this.#log({ level: 'info', event: 'tracker.listening', message, address: this.#address, port: this.port })
  }

  track(infoHashes: Iterable<string>): void {
    const list = [...infoHashes]
    // Also for a thread that starts again after a crash.
    this.#infoHashes = () => list
    this.#warnings.clear()
    const request: TrackRequest = { request: 'track', infoHashes: list }
    this.#worker.post(request)
  }

  warn(infoHash: string, message: string): void {
    this.#warnings.set(infoHash, message)
    const request: WarnRequest = { request: 'warn', infoHash, message }
    this.#worker.post(request)
  }

  close(): Promise<void> {
    return this.#worker.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  swarms(): readonly SwarmCounts[] {
    return this.#swarms
  }

  #onReport(report: TrackerReport): void {
    switch (report.report) {
      case 'join':
      case 'complete':
      case 'leave':
      case 'lost': {
        const { infoHash, peer } = report
        this.#remember(report)
        const happened = { join: 'joined', complete: 'has everything', leave: 'left', lost: 'is silent' }[report.report]
        const message = `${printable(peer)} ${happened}`
        this.#log({ level: 'debug', event: `tracker.${report.report}`, message, peer: printable(peer), infoHash })
        this.emit(report.report, { infoHash, peer })
        return
      }
      case 'swarms':
        this.#swarms = report.swarms
        this.emit('swarms', report.swarms)
        return
      case 'refused':
        this.#refused += 1
        this.#logReason(printable(report.reason))
    }
  }

  #remember({ report, infoHash, peer, peerId, isComplete }: KnownPeer & { readonly report: string }): void {
    const key = `${infoHash} ${peer}`
    this.#peers.delete(key)
    if (report === 'leave' || report === 'lost') return
    this.#peers.set(key, { infoHash, peer, peerId, isComplete })
    const [oldest] = this.#peers.keys()
    if (this.#peers.size > PEERS_REMEMBERED && oldest !== undefined) this.#peers.delete(oldest)
  }

  #logReason(reason: string): void {
    if (this.#reasons.has(reason) || this.#reasons.size >= REASONS_LOGGED) return
    this.#reasons.add(reason)
    this.#log({ level: 'warn', event: 'tracker.refused', message: `the tracker refused a request: ${reason}`, reason })
  }

  #onCrash(error: Error, retryInMs: number): void {
    const message = `the tracker crashed (${printable(error.message)}) and starts again in ${retryInMs / 1000} s`
    this.#log({ level: 'error', event: 'tracker.crash', message, stack: error.stack })
    this.emit('crash', { error, retryInMs })
  }

  #onRestart(): void {
    this.#log({ level: 'info', event: 'tracker.restart', message: `tracking again on ${this.#address}:${this.port}` })
    this.emit('restart')
  }
}
