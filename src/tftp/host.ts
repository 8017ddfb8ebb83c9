/** Runs transfers in the thread it is made in. */
import { BoottorrentError } from '../errors.ts'
import { type Channel, openChannel } from './channel-server.ts'
import { ChunkCache } from './chunk-cache.ts'
import { type Content, openContent } from './content.ts'
import type { HostReport, HostRequest, HostSettings, TransferHost, TransferTask } from './messages.ts'
import { type Agreement, agree } from './options.ts'
import { Session } from './session.ts'
import { createTransfer, type Patience } from './transfer.ts'
import { Wakefulness } from './wakefulness.ts'

/** With a timeout that the client chose, up to 255 s, fewer repetitions are enough: those of a minute, five at most. */
const CHOSEN_TIMEOUT_REPETITIONS = 5
const CHOSEN_TIMEOUT_SECONDS = 60

export class LocalHost implements TransferHost {
  readonly #settings: HostSettings
  readonly #report: (report: HostReport) => void
  readonly #now: () => number
  readonly #cache: ChunkCache
  /** By number; undefined while its file and its sockets are being opened. */
  readonly #sessions = new Map<number, Session | undefined>()
  readonly #wakefulness: Wakefulness
  #sweep: NodeJS.Timeout | undefined

  constructor(settings: HostSettings, report: (report: HostReport) => void, now: () => number) {
    this.#settings = settings
    this.#report = report
    this.#now = now
    this.#cache = new ChunkCache(settings.cache)
    this.#wakefulness = new Wakefulness(now)
  }

  post(request: HostRequest): void {
    if (request.request === 'open') this.#open(request)
    else if (request.request === 'repeated') this.#sessions.get(request.id)?.requestRepeated()
    else this.#abort(request)
  }

  async close(): Promise<void> {
    for (const id of [...this.#sessions.keys()]) this.#abort({ id, reason: 'closed', detail: 'the server is closing' })
    this.#cache.clear()
  }

  #open(task: TransferTask): void {
    this.#sessions.set(task.id, undefined)
    this.#watch()
    this.#begin(task).catch((error: Error) => {
      if (!this.#leave(task.id)) return
      const hint = error instanceof BoottorrentError && error.hint !== undefined ? ` ${error.hint}` : ''
      this.#report({ id: task.id, report: 'unreadable', message: `${error.message}${hint}` })
    })
  }

  async #begin({ id, remote, file, options }: TransferTask): Promise<void> {
    const content = await openContent(file, this.#cache)
    const { channel, connect } = await this.#openChannel(id, remote, content)
    if (!this.#sessions.has(id)) {
      // It was broken off meanwhile.
      channel.close()
      await content.close()
      return
    }
    const agreement = agree(options, content.size, this.#settings)
    const { blockSize, windowSize } = agreement
    const started = this.#now()
    const progress = () => {
      const { bytes, retransmits } = session
      return { bytes, retransmits, ms: this.#now() - started }
    }
    const session = new Session({
      agreement,
      content,
      channel,
      now: this.#now,
      transfer: createTransfer({
        size: content.size,
        blockSize,
        windowSize,
        optionAck: agreement.confirmed.length > 0,
        patience: this.#patience(agreement),
        now: started,
      }),
      onConfirmed: () => this.#report({ id, report: 'confirmed' }),
      onStalled: () => this.#report({ id, report: 'stalled', progress: progress() }),
      onEnd: (end) => {
        if (this.#leave(id)) this.#report({ id, report: 'end', end, progress: progress() })
      },
    })
    this.#sessions.set(id, session)
    const facts = { remote, file: file.name, size: content.size, blockSize, windowSize }
    this.#report({ id, report: 'start', facts })
    connect(session)
    session.send()
  }

  /** The channel is there before the session that it is for. */
  async #openChannel(
    id: number,
    remote: TransferTask['remote'],
    content: Content,
  ): Promise<{ channel: Channel; connect(session: Session): void }> {
    let session: Session | undefined
    try {
      const channel = await openChannel(this.#settings.address, remote, {
        onPacket: (bytes) => {
          // The client waits for the answer; everything else comes after it.
          session?.receive(bytes)
          this.#wakefulness.packet()
        },
        onGone: () => session?.abort('client-gone', 'the client closed its port'),
        onStranger: (stranger) => this.#report({ id, report: 'stranger', remote: stranger }),
      })
      const connect = (made: Session) => {
        session = made
      }
      return { channel, connect }
    } catch (error) {
      await content.close()
      throw error
    }
  }

  #abort({ id, reason, detail }: Omit<HostRequest & { request: 'abort' }, 'request'>): void {
    const session = this.#sessions.get(id)
    if (session !== undefined) session.abort(reason, detail)
    else if (this.#leave(id)) {
      const progress = { bytes: 0, retransmits: 0, ms: 0 }
      this.#report({ id, report: 'end', end: { kind: 'aborted', reason, detail }, progress })
    }
  }

  #leave(id: number): boolean {
    const was = this.#sessions.delete(id)
    this.#watch()
    return was
  }

  /** One timer looks after all transfers, as long as there are any. */
  #watch(): void {
    if (this.#sessions.size === 0) {
      clearInterval(this.#sweep)
      this.#sweep = undefined
    } else {
      this.#sweep ??= setInterval(() => this.#checkSilence(), Math.min(50, this.#settings.patience.first / 4))
    }
  }

  #checkSilence(): void {
    for (const session of [...this.#sessions.values()]) session?.checkSilence()
  }

  #patience({ timeout }: Agreement): Patience {
    if (timeout === undefined) return this.#settings.patience
    const repetitions = Math.min(CHOSEN_TIMEOUT_REPETITIONS, Math.max(1, Math.floor(CHOSEN_TIMEOUT_SECONDS / timeout)))
    return { first: timeout * 1000, longest: timeout * 1000, repetitions }
  }
}
