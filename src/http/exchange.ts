/** One request and its answer. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { printable } from '../log.ts'
import { pathOf, queryOf } from './answer.ts'
import type { Exchange, RequestOutcome } from './index.ts'

export class SocketExchange implements Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly remote: Exchange['remote']
  readonly path: string | undefined
  /** What the outcome calls it. */
  file: string
  isBootFile = false
  readonly #readTimeout: number
  readonly #over = new AbortController()
  readonly #started = performance.now()
  readonly #ended = Promise.withResolvers<RequestOutcome>()
  #bytes = 0

  /** @param readTimeout - Milliseconds the client may take to read a piece. */
  constructor(request: IncomingMessage, response: ServerResponse, readTimeout: number) {
    this.request = request
    this.response = response
    this.remote = { address: request.socket.remoteAddress ?? '', port: request.socket.remotePort ?? 0 }
    this.path = pathOf(request.url ?? '')
    this.file = printable(request.url ?? '')
    this.#readTimeout = readTimeout
    response.once('close', this.#end)
    // A response that Node has not yet given the connection does not tell that it closed.
    request.socket.once('close', this.#end)
  }

  get over(): AbortSignal {
    return this.#over.signal
  }

  get query(): URLSearchParams {
    return queryOf(this.request.url ?? '')
  }

  /** What became of it, as soon as that is known. */
  get outcome(): Promise<RequestOutcome> {
    return this.#ended.promise
  }

  async readText(limit: number): Promise<string | undefined> {
    const parts: Buffer[] = []
    let length = 0
    for await (const part of this.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += part.length
      if (length > limit) {
        // The rest of it is not read: the connection is of no further use.
        this.refuse(413, `What is posted here has at most ${limit} bytes.`, { Connection: 'close' })
        return undefined
      }
      parts.push(part)
    }
    return Buffer.concat(parts).toString('utf8')
  }

  async reply(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array | string): Promise<void> {
    this.response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
    await this.write(body)
  }

  async write(piece: Uint8Array | string): Promise<void> {
    if (this.request.method === 'HEAD') return
    await this.#patiently(() => written(this.response, piece, this.over))
    this.#bytes += Buffer.byteLength(piece)
  }

  /** Ends the answer, when its route has not done so, and waits until the system has taken it all. */
  async finish(): Promise<void> {
    if (this.response.writableFinished || this.over.aborted) return
    await this.#patiently(async () => {
      const finished = once(this.response, 'finish', { signal: this.over })
      if (!this.response.writableEnded) this.response.end()
      await finished
    })
  }

  refuse(status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): void {
    const text = `${sentence}\n`
    const length = Buffer.byteLength(text)
    this.response.writeHead(status, {
      ...headers,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': length,
    })
    this.response.end(text)
  }

  /** A client that takes too long to read is cut off. */
  async #patiently(wait: () => Promise<void>): Promise<void> {
    const tooSlow = setTimeout(() => this.request.socket.destroy(), this.#readTimeout)
    try {
      await wait()
    } finally {
      clearTimeout(tooSlow)
    }
  }

  readonly #end = (): void => {
    // The end of a connection is told by both at once.
    if (this.over.aborted) return
    const { request, response, remote, file } = this
    response.off('close', this.#end)
    request.socket.off('close', this.#end)
    this.#over.abort()
    const ms = performance.now() - this.#started
    const complete = response.writableFinished
    const method = request.method ?? ''
    this.#ended.resolve({ remote, file, method, status: response.statusCode, bytes: this.#bytes, complete, ms })
  }
}

/** Waits until the system has taken all of a piece, or the client has left. */
function written(response: ServerResponse, piece: Uint8Array | string, left: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (left.aborted) return reject(left.reason)
    const leave = () => reject(left.reason)
    left.addEventListener('abort', leave, { once: true })
    response.write(piece, (error) => {
      left.removeEventListener('abort', leave)
      if (error) reject(error)
      else resolve()
    })
  })
}
