import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bindError } from '../bind-error.ts'
import { Complaints } from '../complaints.ts'
import { BoottorrentError } from '../errors.ts'
import { Lifecycle } from '../lifecycle.ts'
import { type Log, silent } from '../log.ts'
import { requirePortNumber } from '../port-number.ts'
import { sendBootFile } from './boot-file-route.ts'
import { Connections } from './connections.ts'
import { SocketExchange } from './exchange.ts'
import type {
  HttpCounters,
  HttpLimits,
  HttpServer,
  HttpServerEvents,
  HttpServerOptions,
  RequestOutcome,
} from './index.ts'
import { reportRoute } from './report-route.ts'
import { Router } from './router.ts'

const defaults: HttpLimits = {
  connections: 512,
  connectionsPerClient: 32,
  waitingRequests: 8,
  requestTimeout: 15_000,
  idleTimeout: 15_000,
  readTimeout: 30_000,
  reportSize: 4096,
}

export class HttpSocketServer extends EventEmitter<HttpServerEvents> implements HttpServer {
  readonly #options: HttpServerOptions
  readonly #limits: HttpLimits
  readonly #log: Log
  readonly #complaints: Complaints
  readonly #counters = { crowded: 0 }
  readonly #connections: Connections
  readonly #router: Router
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
    this.#connections = new Connections(this.#limits)
    const { onReport = () => {}, routes = [] } = options
    this.#router = new Router([reportRoute(this.#limits.reportSize, onReport), ...routes])
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
    requirePortNumber(port, 'HTTP')
    const { requestTimeout, idleTimeout } = this.#limits
    const server = createServer({
      headersTimeout: requestTimeout,
      requestTimeout,
      keepAliveTimeout: idleTimeout,
      connectionsCheckingInterval: Math.min(5000, requestTimeout),
      maxHeaderSize: 8192,
    })
    server.on('connection', (socket) => this.#connections.add(socket))
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

  /** Nothing is opened for a request before its turn: a client could send thousands, and read no answer. */
  #requested(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    // Node goes on with what had arrived before the connection was cut off.
    if (socket.destroyed) return
    if (this.#connections.turnsOf(socket).take(() => this.#serve(request, response))) return
    this.#counters.crowded += 1
    const remote = socket.remoteAddress ?? ''
    const message = `${remote}: more than ${this.#limits.waitingRequests} requests wait on one connection; it is cut off`
    this.#complaints.once(`crowded ${remote}`, { level: 'warn', event: 'http.crowded', message, remote })
    socket.destroy()
  }

  /** Ends when the answer is over and its file is closed. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.socket.destroyed) return
    const exchange = new SocketExchange(request, response, this.#limits.readTimeout)
    await this.#answer(exchange).catch((error: Error) => this.#failed(exchange, error))
    // What keeps it from ending is the end of the connection, which the outcome tells.
    await exchange.finish().catch(() => {})
    this.#report(await exchange.outcome, exchange.isBootFile)
  }

  async #answer(exchange: SocketExchange): Promise<void> {
    const { path, request } = exchange
    if (path === undefined) return exchange.refuse(400, 'The path cannot be decoded.')
    const choice = this.#router.choose(request.method ?? '', path)
    if (choice !== undefined) {
      if ('route' in choice) return choice.route.handle(exchange)
      return exchange.refuse(405, `Only ${choice.allow} is answered here.`, { Allow: choice.allow })
    }
    const file = this.#options.files.get(path)
    if (file === undefined) return exchange.refuse(404, 'There is no such boot file.')
    return sendBootFile(exchange, file)
  }

  #failed(exchange: SocketExchange, error: Error): void {
    const { request, response, over, file } = exchange
    // That the client left is told at the end of the exchange; it is no failure of ours. A write that fails for that reason
    // is told a moment earlier.
    if (over.aborted || request.socket.destroyed) return
    // A length was promised already: only the connection's end can say that it failed.
    if (response.headersSent) request.socket.destroy()
    else exchange.refuse(500, 'The server cannot answer this. See its log.')
    const hint = error instanceof BoottorrentError ? ` ${error.hint ?? ''}` : ''
    const message = `${file}: ${error.message}${hint}`
    const remote = exchange.remote.address
    this.#complaints.once(`failed ${message}`, { level: 'error', event: 'http.failed', message, remote, file })
  }

  #report(outcome: RequestOutcome, isBootFile: boolean): void {
    const { remote, file, method, status, bytes, complete, ms } = outcome
    const who = `${remote.address}: ${method} ${file}`
    const message = complete
      ? `${who} ${status}, ${bytes} bytes in ${Math.round(ms)} ms`
      : `${who} broken off after ${bytes} bytes and ${Math.round(ms)} ms: the client left or was too slow`
    const fields = { message, remote: remote.address, file, status, bytes, ms }
    // A page that asks again and again, or is closed, is no news.
    if (complete || !isBootFile) {
      this.#log({ level: isBootFile && bytes > 0 ? 'info' : 'debug', event: 'http.done', ...fields })
    } else this.#complaints.once(`aborted ${remote.address}`, { level: 'warn', event: 'http.aborted', ...fields })
    this.emit('request', outcome)
  }
}
