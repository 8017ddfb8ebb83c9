import { EventEmitter } from 'node:events'
import { type Log, printable, silent } from '../log.ts'
import { requirePortNumber } from '../port-number.ts'
import { SupervisedWorker } from '../supervised-worker.ts'
import type { Seeder, SeederEvents, SeederLimits, SeederOptions } from './index.ts'
import type {
  OffenceCounts,
  PeerOffence,
  SeededTorrent,
  SeederReport,
  SeederTask,
  SeedingTotals,
  ServeRequest,
} from './messages.ts'
import { offences } from './offences.ts'

/** Warnings of one kind are logged so often, then only counted. */
const WARNINGS_PER_KIND = 5

const defaults: SeederLimits = { connections: 512, connectionsPerAddress: 16, handshakeTimeout: 10_000 }

export class ThreadedSeeder extends EventEmitter<SeederEvents> implements Seeder {
  readonly #log: Log
  readonly #address: string
  readonly #worker: SupervisedWorker<SeederReport>
  readonly #warnings = new Map<string, number>()
  #torrents: readonly SeededTorrent[]
  #totals: readonly SeedingTotals[] = []
  #offences: OffenceCounts = {}

  constructor({ address, port = 0, torrents, lsd = false, log = silent, limits = {} }: SeederOptions) {
    super()
    this.#log = log
    this.#address = address
    this.#torrents = torrents
    const data = (boundPort: number, isRestart: boolean): SeederTask => {
      return { address, port: boundPort, torrents: this.#torrents, lsd, isRestart, limits: { ...defaults, ...limits } }
    }
    this.#worker = new SupervisedWorker({ room: 'seeder', name: 'seeder-worker', data, port })
    this.#worker.on('report', (report) => this.#onReport(report))
    this.#worker.on('crash', ({ error, retryInMs }) => this.#onCrash(error, retryInMs))
    this.#worker.on('restart', () => this.#onRestart())
  }

  get port(): number {
    return this.#worker.port
  }

  async start(): Promise<void> {
    requirePortNumber(this.port, 'the seeder')
    await this.#worker.start()
    const message = `seeding on ${this.#address}:${this.port}`
    this.#log({ level: 'info', event: 'seeder.listening', message, address: this.#address, port: this.port })
  }

  serve(torrents: readonly SeededTorrent[]): void {
    // Also for a thread that starts again after a crash.
    this.#torrents = torrents
    const request: ServeRequest = { request: 'serve', torrents }
    this.#worker.post(request)
  }

  close(): Promise<void> {
    return this.#worker.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  totals(): readonly SeedingTotals[] {
    return this.#totals
  }

  offences(): OffenceCounts {
    return this.#offences
  }

  #onReport(report: SeederReport): void {
    switch (report.report) {
      case 'connect':
      case 'disconnect': {
        const { infoHash, peer, uploaded } = report
        const message = report.report === 'connect' ? `${peer} connected` : `${peer} left after ${uploaded} bytes`
        this.#log({ level: 'debug', event: `seeder.${report.report}`, message, peer, infoHash, uploaded })
        this.emit(report.report, { infoHash, peer, uploaded })
        return
      }
      case 'totals':
        this.#totals = report.torrents
        this.emit('totals', report.torrents)
        return
      case 'traffic':
        this.emit('traffic', report.connections)
        return
      case 'withdrawn': {
        const { infoHash, name, reason } = report
        const message = `${name} is not served any more: ${reason}`
        this.#log({ level: 'error', event: 'seeder.withdrawn', message, infoHash, name, reason })
        this.emit('withdrawn', { infoHash, name, reason })
        return
      }
      case 'offence':
        this.#onOffence(report)
        return
      case 'offences':
        this.#offences = report.counts
        this.emit('offences', report.counts)
        return
      case 'tracker':
        this.#log({ level: report.level, event: 'seeder.tracker', message: printable(report.message, 300) })
        return
      case 'warning':
        this.#warn(report.kind, printable(report.message, 300))
    }
  }

  #onOffence({ infoHash, peer, kind }: PeerOffence): void {
    this.#warn(kind, `${peer} ${offences[kind]}`)
    this.emit('offence', { infoHash, peer, kind, detail: offences[kind] })
  }

  #warn(kind: string, message: string): void {
    const count = (this.#warnings.get(kind) ?? 0) + 1
    this.#warnings.set(kind, count)
    if (count <= WARNINGS_PER_KIND) this.#log({ level: 'warn', event: `seeder.${kind}`, message })
  }

  #onCrash(error: Error, retryInMs: number): void {
    const message = `the seeder crashed (${printable(error.message)}) and starts again in ${retryInMs / 1000} s`
    this.#log({ level: 'error', event: 'seeder.crash', message, stack: error.stack })
    this.emit('crash', { error, retryInMs })
  }

  #onRestart(): void {
    this.#log({ level: 'info', event: 'seeder.restart', message: `seeding again on ${this.#address}:${this.port}` })
    this.emit('restart')
  }
}
