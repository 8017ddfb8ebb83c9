import type { Respond, Wire } from 'webtorrent'

/** Bytes of pieces that may wait in the connection's buffers at once; the rest waits as requests, which are small. */
const UNSENT_LIMIT = 256 * 1024

type Task = (done: Respond) => void

interface Waiting {
  readonly bytes: number
  readonly task: Task
  readonly respond: Respond
}

/**
 * The back-pressure that uploads lack: a peer that requests and does not read gets no more bytes read for it.
 *
 * The connection is a streamx stream, which calls `_read` when what was pushed into it has been taken and it wants more.
 */
export class UploadGate {
  readonly #wire: Wire
  readonly #waiting: Waiting[] = []
  #unsent = 0

  constructor(wire: Wire) {
    this.#wire = wire
    wire._read = (done) => {
      this.#unsent = 0
      this.#admitWaiting()
      done(null)
    }
  }

  /** Runs the task that gets so many bytes for the peer, at once or when there is room. */
  admit(bytes: number, task: Task, respond: Respond): void {
    const request = { bytes, task, respond }
    if (this.#waiting.length === 0 && this.#unsent < UNSENT_LIMIT) this.#run(request)
    else this.#waiting.push(request)
  }

  #admitWaiting(): void {
    while (this.#unsent < UNSENT_LIMIT) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#run(next)
    }
  }

  #run({ bytes, task, respond }: Waiting): void {
    this.#unsent += bytes
    task((error, piece) => {
      const before = this.#wire.uploaded
      respond(error, piece)
      const wasSent = this.#wire.uploaded > before
      if (wasSent) return
      // Cancelled, choked or failed: nothing went out, so nothing will be taken either.
      this.#unsent = Math.max(0, this.#unsent - bytes)
      this.#admitWaiting()
    })
  }
}
