/** Server-sent events (HTML Living Standard, section 9.2) of the board: a whole status first, then each change. */
import type { StatusBoard, StatusChange } from './index.ts'

export interface FeedLimits {
  /** Browsers that look on at the same time; 64 when left out. */
  readonly viewers: number
  /** The same from one address; 8 when left out. */
  readonly viewersPerAddress: number
  /** Bytes that may wait for one that reads slowly; 4 MiB when left out. One that is further behind is dropped. */
  readonly backlog: number
  /** Milliseconds after which a comment is sent when nothing happens; 10 000 when left out. */
  readonly heartbeat: number
}

const defaults: FeedLimits = { viewers: 64, viewersPerAddress: 8, backlog: 4 * 1024 * 1024, heartbeat: 10_000 }

/** Where the events of one viewer go. */
export interface Viewer {
  readonly address: string
  /** Aborted when the viewer has left. */
  readonly over: AbortSignal
  /** Resolves when the viewer's side has taken it; rejects when it left or is too slow. */
  write(text: string): Promise<void>
}

export class Feed {
  readonly #board: StatusBoard
  readonly #limits: FeedLimits
  readonly #viewers = new Map<Viewer, Outbox>()
  /** The last change as it is sent: it is written once, however many look on. */
  #last: { readonly change: StatusChange; readonly text: string } | undefined

  constructor(board: StatusBoard, limits: Partial<FeedLimits> = {}) {
    this.#board = board
    this.#limits = { ...defaults, ...limits }
  }

  get viewers(): number {
    return this.#viewers.size
  }

  /**
   * Whether one more from this address may look on. When all places are taken, it may have one of an address that has more,
   * or a few computers could keep everybody else away.
   */
  hasRoomFor(address: string): boolean {
    const fromThere = this.#viewersAt(address).length
    if (fromThere >= this.#limits.viewersPerAddress) return false
    return this.#viewers.size < this.#limits.viewers || this.#mostAtOneAddress().length > fromThere + 1
  }

  /** Sends events until the viewer has left or is dropped; the oldest of the address that has most may be, for it. Never rejects. */
  async serve(viewer: Viewer): Promise<void> {
    const [oldest] = this.#mostAtOneAddress()
    if (this.#viewers.size >= this.#limits.viewers && oldest !== undefined) this.#drop(oldest)
    const outbox = new Outbox(this.#limits.backlog)
    const onChange = (change: StatusChange) => outbox.put(this.#textOf(change))
    const heartbeat = setInterval(() => outbox.put(': here\n\n'), this.#limits.heartbeat).unref()
    const leave = () => outbox.close()
    viewer.over.addEventListener('abort', leave, { once: true })
    this.#viewers.set(viewer, outbox)
    this.#board.on('change', onChange)
    try {
      // A browser that was cut off asks again after this many milliseconds.
      outbox.put('retry: 2000\n\n')
      outbox.put(eventText('status', this.#board.snapshot()))
      for (let text = await outbox.take(); text !== undefined; text = await outbox.take()) await viewer.write(text)
    } catch {
      // It left, or was too slow.
    } finally {
      this.#board.off('change', onChange)
      this.#viewers.delete(viewer)
      viewer.over.removeEventListener('abort', leave)
      clearInterval(heartbeat)
    }
  }

  /** Ends all streams. */
  close(): void {
    for (const outbox of this.#viewers.values()) outbox.close()
  }

  /** The oldest first. */
  #viewersAt(address: string): Viewer[] {
    return [...this.#viewers.keys()].filter((viewer) => viewer.address === address)
  }

  #mostAtOneAddress(): Viewer[] {
    const addresses = new Set([...this.#viewers.keys()].map((viewer) => viewer.address))
    const [most = []] = [...addresses]
      .map((address) => this.#viewersAt(address))
      .sort((one, other) => other.length - one.length)
    return most
  }

  /** Its place is free at once, also when it does not read. */
  #drop(viewer: Viewer): void {
    this.#viewers.get(viewer)?.close()
    this.#viewers.delete(viewer)
  }

  #textOf(change: StatusChange): string {
    if (this.#last?.change !== change) this.#last = { change, text: eventText('change', change) }
    return this.#last.text
  }
}

/** JSON has no line breaks, so one line of data is enough. */
function eventText(name: string, value: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`
}

/** What waits for one viewer, up to a limit: then it is closed, and the browser begins again with a whole status. */
class Outbox {
  readonly #limit: number
  #waiting: string[] = []
  #length = 0
  #isClosed = false
  #wake: () => void = () => {}

  constructor(limit: number) {
    this.#limit = limit
  }

  put(text: string): void {
    if (this.#isClosed) return
    this.#waiting.push(text)
    this.#length += text.length
    // The first status of a large room may be longer than the limit by itself.
    if (this.#length > this.#limit && this.#waiting.length > 2) this.close()
    this.#wake()
  }

  /** Everything that waits; undefined when it is closed. */
  async take(): Promise<string | undefined> {
    if (this.#waiting.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#isClosed) return undefined
    const text = this.#waiting.join('')
    this.#waiting = []
    this.#length = 0
    return text
  }

  close(): void {
    this.#isClosed = true
    this.#waiting = []
    this.#wake()
  }
}
