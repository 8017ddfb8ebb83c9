import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { bindError } from '../bind-error.ts'
import { Complaints } from '../complaints.ts'
import { BoottorrentError } from '../errors.ts'
import { Lifecycle } from '../lifecycle.ts'
import { type Log, printable, silent } from '../log.ts'
import { answerFile, contentTypeOf, pathOf } from './answer.ts'
import { openBody, type Pieces } from './body.ts'
import type { HttpCounters, HttpLimits, HttpServer, HttpServerEvents, HttpServerOptions } from './index.ts'
import { parseReport } from './report.ts'
import { Turns } from './turns.ts'

const defaults: HttpLimits = {
  connections: 512,
  connectionsPerClient: 64,
  waitingRequests: 8,
  requestTimeout: 15_000,
  idleTimeout: 15_000,
  readTimeout: 30_000,
  reportSize: 4096,
}

/** One request on its way, and what is known of it for the event at its end. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Aborted when the answer is sent, or the client has left. */
  readonly over: AbortSignal
  file: string
  bytes: number
}

export class HttpSocketServer extends EventEmitter<HttpServerEvents> implements HttpServer {
  readonly #options: HttpServerOptions
  readonly #limits: HttpLimits
  readonly #log: Log
  readonly #complaints: Complaints
  readonly #counters = { crowded: 0 }
  readonly #connections = new Map<string, number>()
  readonly #turns = new WeakMap<Socket, Turns>()
  readonly #lifecycle = new Lifecycle(
    () => this.#open(),
    () => this.#shut(),
  )
  #server: Server | undefined

  constructor(options: HttpServerOptions) {
    super()
    this.#options = options
    this.#limits = { ...defaults, ...options.limits }
    this.#log = options.log ?? silent
    this.#complaints = new Complaints(this.#log, () => performance.now())
  }

  get counters(): HttpCounters {
    return this.#counters
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port ?? this.#options.port
  }

  start(): Promise<void> {
    return this.#lifecycle.start()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async #open(): Promise<void> {
    const { address, port } = this.#options
    const { requestTimeout, idleTimeout, connections } = this.#limits
    const server = createServer({
      headersTimeout: requestTimeout,
      requestTimeout,
      keepAliveTimeout: idleTimeout,
      connectionsCheckingInterval: Math.min(5000, requestTimeout),
      maxHeaderSize: 8192,
    })
    server.maxConnections = connections
    server.on('connection', (socket) => this.#connected(socket))
    server.on('request', (request, response) => this.#requested(request, response))
    try {
      server.listen(port, address)
      await once(server, 'listening')
    } catch (error) {
      throw bindError(error, 'HTTP', address, port)
    }
    server.on('error', (error) => {
      this.#log({ level: 'warn', event: 'http.socket', message: `the HTTP socket reports: ${error.message}` })
    })
    this.#server = server
    const served = this.port
    const message = `HTTP on http://${address}:${served}/`
    this.#log({ level: 'info', event: 'http.listening', message, address, port: served })
  }

  async #shut(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** One address alone cannot take all connections. */
  #connected(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    const count = (this.#connections.get(address) ?? 0) + 1
    this.#connections.set(address, count)
    socket.once('close', () => {
      const left = (this.#connections.get(address) ?? 1) - 1
      if (left === 0) this.#connections.delete(address)
      else this.#connections.set(address, left)
    })
    if (count > this.#limits.connectionsPerClient) socket.destroy()
  }

  /** Nothing is opened for a request before its turn: a client could send thousands, and read no answer. */
  #requested(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    // Node goes on with what had arrived before the connection was cut off.
    if (socket.destroyed) return
    const turns = this.#turns.get(socket) ?? new Turns(this.#limits.waitingRequests)
    this.#turns.set(socket, turns)
    if (turns.take(() => this.#serve(request, response))) return
    this.#counters.crowded += 1
    const remote = socket.remoteAddress ?? ''
    const message = `${remote}: more than ${this.#limits.waitingRequests} requests wait on one connection; it is cut off`
    this.#complaints.once(`crowded ${remote}`, { level: 'warn', event: 'http.crowded', message, remote })
    socket.destroy()
  }

  /** Ends when the answer is over and its file is closed. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    if (socket.destroyed) return
    const started = performance.now()
    const remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
    const over = new AbortController()
    const exchange: Exchange = { request, response, over: over.signal, file: printable(request.url ?? ''), bytes: 0 }
    const ended = new Promise<void>((resolve) => {
      const end = () => {
        // The end of a connection is told by both at once.
        if (over.signal.aborted) return
        response.off('close', end)
        socket.off('close', end)
        over.abort()
        const { file, bytes } = exchange
        const method = request.method ?? ''
        const status = response.statusCode
        const complete = response.writableFinished
        const ms = performance.now() - started
        this.#report({ remote, file, method, status, bytes, complete, ms })
        resolve()
      }
      response.once('close', end)
      // A response that Node has not yet given the connection does not tell that it closed.
      socket.once('close', end)
    })
    await this.#answer(exchange, remote.address).catch((error: Error) => this.#failed(exchange, error))
    await ended
  }

  #failed({ request, response, over, file }: Exchange, error: Error): void {
    if (over.aborted) return
    // A length was promised already: only the connection's end can say that it failed.
    if (response.headersSent) request.socket.destroy()
    else refuse(response, 500, 'The file cannot be read on the server. See its log.')
    const hint = error instanceof BoottorrentError ? ` ${error.hint ?? ''}` : ''
    const message = `${file}: ${error.message}${hint}`
    const remote = request.socket.remoteAddress ?? ''
    this.#complaints.once(`failed ${message}`, { level: 'error', event: 'http.failed', message, remote, file })
  }

  async #answer(exchange: Exchange, from: string): Promise<void> {
    const { request, response } = exchange
    const path = pathOf(request.url ?? '')
    if (path === undefined) return refuse(response, 400, 'The path cannot be decoded.')
    if (path === '/report') return this.#takeReport(exchange, from)
    const file = this.#options.files.get(path)
    if (file === undefined) return refuse(response, 404, 'There is no such boot file.')
    exchange.file = file.name
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return refuse(response, 405, 'Boot files can only be read.')
    }
    const body = await openBody(file)
    try {
      const { status, headers, start, end } = answerFile({
        size: file.size,
        etag: `"${body.version}"`,
        contentType: contentTypeOf(file.name),
        headers: request.headers,
      })
      response.writeHead(status, headers)
      await this.#send(exchange, request.method === 'GET' ? body.pieces(start, end) : [])
    } finally {
      await body.close()
    }
  }

  /** Sends piece by piece, as fast as the client reads. One that takes too long for a piece is cut off. */
  async #send(exchange: Exchange, pieces: Pieces): Promise<void> {
    const { request, response, over } = exchange
    const tooSlow = setTimeout(() => request.socket.destroy(), this.#limits.readTimeout)
    try {
      for await (const piece of pieces) {
        if (over.aborted) return
        await written(response, piece, over)
        exchange.bytes += piece.length
        tooSlow.refresh()
      }
      const finished = once(response, 'finish', { signal: over })
      response.end()
      await finished
    } catch (error) {
      // That the client left is told at the end of the exchange; it is no failure of ours.
      if (!over.aborted) throw error
    } finally {
      clearTimeout(tooSlow)
    }
  }

  async #takeReport({ request, response }: Exchange, from: string): Promise<void> {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST')
      return refuse(response, 405, 'Reports are posted.')
    }
    const body = await readText(request, this.#limits.reportSize)
    if (body === undefined) {
      // The rest of it is not read: the connection is of no further use.
      response.setHeader('Connection', 'close')
      return refuse(response, 413, `A report has at most ${this.#limits.reportSize} bytes.`)
    }
    const report = parseReport(body)
    if (typeof report === 'string') return refuse(response, 400, report)
    this.#options.onReport?.(report, from)
    response.writeHead(204).end()
  }

  #report(outcome: HttpServerEvents['request'][0]): void {
    const { remote, file, method, status, bytes, complete, ms } = outcome
    const who = `${remote.address}: ${method} ${file}`
    const message = complete
      ? `${who} ${status}, ${bytes} bytes in ${Math.round(ms)} ms`
      : `${who} broken off after ${bytes} bytes and ${Math.round(ms)} ms: the client left or was too slow`
    const fields = { message, remote: remote.address, file, status, bytes, ms }
    if (complete) this.#log({ level: bytes > 0 ? 'info' : 'debug', event: 'http.done', ...fields })
    else this.#complaints.once(`aborted ${remote.address}`, { level: 'warn', event: 'http.aborted', ...fields })
    this.emit('request', outcome)
  }
}

/** Waits until the system has taken all of a piece, or the client has left. */
function written(response: ServerResponse, piece: Uint8Array, left: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(left.reason)
    left.addEventListener('abort', leave, { once: true })
    response.write(piece, (error) => {
      left.removeEventListener('abort', leave)
      if (error) reject(error)
      else resolve()
    })
  })
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  const text = `${sentence}\n`
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}

/** The body as text; undefined when it is longer than `limit` bytes. */
async function readText(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += part.length
    if (length > limit) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
