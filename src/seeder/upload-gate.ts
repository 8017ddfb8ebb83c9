import type { Writable } from 'node:stream'
import type { Respond } from 'webtorrent'

/** Bytes of pieces that may be on their way to a connection at once; the rest waits as requests, which are small. */
const UNSENT_LIMIT = 256 * 1024
const NOTHING = new Uint8Array(0)

/** Gets bytes for a peer. `release` is called when they have been handed to the network. */
export type ReadTask = (done: (error: Error | null, bytes?: Uint8Array, release?: () => void) => void) => void

interface Waiting {
  readonly bytes: number
  readonly task: ReadTask
  readonly respond: Respond
}

/** The back-pressure that uploads lack: a peer that requests and does not read gets no more bytes read for it. */
export class UploadGate {
  readonly #socket: Pick<Writable, 'writable' | 'writableLength' | 'on' | 'write'>
  readonly #waiting: Waiting[] = []
  /** Bytes that are being read. Afterwards they wait in the socket, which counts them itself. */
  #reading = 0
  #isAdmitting = false
  /** What to call when everything that was written in this turn of the event loop has been handed to the network. */
  #written: (() => void)[] = []

  /** @param socket that the responses are written to, at once and as they are. */
  constructor(socket: Pick<Writable, 'writable' | 'writableLength' | 'on' | 'write'>) {
    this.#socket = socket
    socket.on('drain', () => this.#admitWaiting())
    socket.on('close', () => this.#waiting.splice(0))
  }

  /** Runs the task that gets so many bytes for the peer, at once or when there is room. */
  admit(bytes: number, task: ReadTask, respond: Respond): void {
    if (!this.#socket.writable) return
    this.#waiting.push({ bytes, task, respond })
    this.#admitWaiting()
  }

  #admitWaiting(): void {
    // A task may respond at once, which comes here again.
    if (this.#isAdmitting) return
    this.#isAdmitting = true
    while (this.#reading + this.#socket.writableLength < UNSENT_LIMIT) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      this.#run(next)
    }
    this.#isAdmitting = false
  }

  #run({ bytes, task, respond }: Waiting): void {
    this.#reading += bytes
    task((error, piece, release) => {
      this.#reading -= bytes
      if (release !== undefined) this.#callWhenWritten(release)
      respond(error, piece)
      this.#admitWaiting()
    })
  }

  #callWhenWritten(release: () => void): void {
    if (this.#written.push(release) > 1) return
    // One empty write behind all of this turn tells of all of them. It is called when the connection is cut, too.
    process.nextTick(() => {
      const releases = this.#written
      this.#written = []
      const releaseAll = () => {
        for (const each of releases) each()
      }
      if (this.#socket.writable) this.#socket.write(NOTHING, releaseAll)
      else releaseAll()
    })
  }
}
