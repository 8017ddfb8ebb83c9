import { hash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { workerUrl } from '../supervised-worker.ts'

/** Pieces in memory at a time: one is hashed while the next one is read. */
const BUFFERS = 2
/** Without work for so long, it gives thread and memory back: pieces are hashed once, in the first minutes. */
const IDLE_MS = 10_000

interface Job {
  readonly size: number
  readonly read: (memory: Uint8Array) => Promise<void>
  readonly resolve: (hash: string) => void
  readonly reject: (error: unknown) => void
}

interface Question {
  readonly bytes: Uint8Array
  readonly resolve: (hash: string) => void
  readonly reject: (error: Error) => void
}

/** Hashes pieces in a thread of its own, for all torrents together. */
export class PieceHasher {
  readonly #waiting: Job[] = []
  /** Buffers that nobody uses. */
  #buffers: Uint8Array[] = []
  #running = 0
  #thread: Worker | undefined
  /** What the thread has not answered yet. */
  readonly #questions: Question[] = []
  #idle: NodeJS.Timeout | undefined

  /** SHA-1 of shared memory, in hexadecimal. It is left alone until then. */
  hash(bytes: Uint8Array): Promise<string> {
    clearTimeout(this.#idle)
    this.#thread ??= this.#start()
    const thread = this.#thread
    return new Promise((resolve, reject) => {
      this.#questions.push({ bytes, resolve, reject })
      thread.postMessage(bytes)
    })
  }

  /**
   * SHA-1 of a piece that nobody needs in memory, in hexadecimal.
   *
   * @param size bytes of the piece
   * @param read fills the memory with it
   * @throws what `read` throws
   */
  hashOf(size: number, read: (memory: Uint8Array) => Promise<void>): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ size, read, resolve, reject })
      this.#next()
    })
  }

  /** What is being hashed fails. */
  close(): void {
    clearTimeout(this.#idle)
    for (const { reject } of this.#questions.splice(0)) reject(new Error('nobody needs it any more'))
    this.#buffers = []
    const thread = this.#thread
    this.#thread = undefined
    void thread?.terminate()
  }

  #next(): void {
    while (this.#running < BUFFERS) {
      const job = this.#waiting.shift()
      if (job === undefined) break
      this.#running += 1
      const done = () => {
        this.#running -= 1
        this.#next()
      }
      this.#run(job).then(job.resolve, job.reject).finally(done)
    }
    this.#rest()
  }

  async #run({ size, read }: Job): Promise<string> {
    const free = this.#buffers.pop()
    const memory = free !== undefined && free.length >= size ? free : new Uint8Array(new SharedArrayBuffer(size))
    try {
      const bytes = memory.subarray(0, size)
      await read(bytes)
      return await this.hash(bytes)
    } finally {
      this.#buffers.push(memory)
    }
  }

  #rest(): void {
    clearTimeout(this.#idle)
    if (this.#running > 0 || this.#questions.length > 0) return
    this.#idle = setTimeout(() => this.close(), IDLE_MS).unref()
  }

  #start(): Worker {
    const thread = new Worker(workerUrl('seeder', 'verify-worker'), {
      name: 'verify-worker',
      // It makes no objects but the answers.
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
    })
    thread.unref()
    thread.on('message', (answer: string) => {
      this.#questions.shift()?.resolve(answer)
      this.#rest()
    })
    // It is told of by `exit`, too.
    thread.on('error', () => {})
    thread.on('exit', () => {
      if (this.#thread === thread) this.#thread = undefined
      // That a thread died says nothing against the pieces.
      for (const { bytes, resolve } of this.#questions.splice(0)) resolve(hash('sha1', bytes, 'hex'))
    })
    return thread
  }
}
