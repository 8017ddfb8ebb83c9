/**
 * A small HTTP server for boot files, and the place where machines report their steps. Other routes can be added.
 *
 * ```ts
 * import { createHttpServer } from './http/index.ts'
 *
 * await using server = createHttpServer({ address: '192.0.2.1', port: 8000, files, onReport: console.log })
 * await server.start()
 * ```
 *
 * `GET` and `HEAD` of every name in the table of boot files, with ranges and ETags (RFC 9110); `POST /report` with a
 * ClientReport as JSON. Everything else is a clean 404 or 405, unless `routes` say otherwise:
 *
 * ```ts
 * const hello: Route = { method: 'GET', path: '/hello', handle: (exchange) => exchange.reply(200, {}, 'Hello\n') }
 * createHttpServer({ address, port, files, routes: [hello] })
 * ```
 */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClientReport } from '../../client/contract.ts'
import type { BootFiles } from '../boot-files.ts'
import type { Log } from '../log.ts'
import { HttpSocketServer } from './server.ts'

/** Where to serve, and what. */
export interface HttpServerOptions {
  /** IP address to serve on; `0.0.0.0` for all. */
  readonly address: string
  /** TCP port; 0 for any free one. */
  readonly port: number
  /** What can be fetched. */
  readonly files: BootFiles
  /** Takes a report that was found to be in order. Its text is cleaned; whether it is true, nobody knows. */
  readonly onReport?: ((report: ClientReport, from: string) => void) | undefined
  /** What else is answered; a route goes before a boot file of the same name. */
  readonly routes?: readonly Route[] | undefined
  /** Where log entries go; nowhere when left out. */
  readonly log?: Log | undefined
  readonly limits?: Partial<HttpLimits> | undefined
}

/**
 * The answer to one method and path. The bounds of {@link HttpLimits} are kept for every route: on connections, on waiting
 * requests, on the time a request takes to arrive and on the time a client takes to read.
 */
export interface Route {
  /** `GET` answers HEAD as well: what is written as body is left away. A route without an end has to end it itself. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** The whole path, decoded and without a query: `/api/status`. */
  readonly path: string
  /**
   * Answers. The answer ends when this does, at the latest. What it throws is logged and becomes a 500, or the end of the
   * connection when the answer has begun; once the client has left, it may throw as it likes.
   */
  handle(exchange: Exchange): Promise<void> | void
}

/** One request and its answer, as a route sees it. */
export interface Exchange {
  /** For what is not here: header fields, and whether it is HEAD. */
  readonly request: IncomingMessage
  /** For header fields. A body goes through {@link reply} or {@link write}, which wait for slow clients, but not for ever. */
  readonly response: ServerResponse
  readonly remote: { readonly address: string; readonly port: number }
  /** What stands behind the `?` of the request line. */
  readonly query: URLSearchParams
  /** Aborted when it is over: the answer was sent, or the client has left. A stream of events ends with it. */
  readonly over: AbortSignal
  /** The body of the request; undefined when it has more bytes than `limit`, which the client is told. */
  readText(limit: number): Promise<string | undefined>
  /** Sends a whole answer. */
  reply(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array | string): Promise<void>
  /** Sends one sentence of why there is no other answer. */
  refuse(status: number, sentence: string, headers?: Readonly<Record<string, string>>): void
  /**
   * Sends a piece of the body; resolves once the system has taken it all, so that its bytes may be changed.
   *
   * @throws the reason of {@link over} when the client has left or was too slow.
   */
  write(piece: Uint8Array | string): Promise<void>
}

/** Bounds on what clients can make the server do. */
export interface HttpLimits {
  /** Connections at the same time; 512 when left out. One more ends the oldest of the address that has most. */
  readonly connections: number
  /** Connections at the same time for one address; 32 when left out. */
  readonly connectionsPerClient: number
  /** Requests that may wait on one connection for the answers before theirs; 8 when left out. More end it. */
  readonly waitingRequests: number
  /** Milliseconds a request may take to arrive; 15 000 when left out. */
  readonly requestTimeout: number
  /** Milliseconds a connection may wait for its next request; 15 000 when left out. */
  readonly idleTimeout: number
  /** Milliseconds a client may take to read a piece, which is 256 KiB of a boot file; 30 000 when left out, which is about 9 kB/s. */
  readonly readTimeout: number
  /** Bytes of a report; 4096 when left out. */
  readonly reportSize: number
}

/** What clients did that no well-behaved one does, since the server was made. */
export interface HttpCounters {
  /** Connections that were cut off because too many requests waited on them. */
  readonly crowded: number
}

/** A request that is over. */
export interface RequestOutcome {
  readonly remote: { readonly address: string; readonly port: number }
  /** Name of the boot file in the table, or the path that was asked for, cleaned. */
  readonly file: string
  readonly method: string
  readonly status: number
  /** Bytes of the body that the client's side has taken. */
  readonly bytes: number
  /** Whether the whole answer was sent. False: the client left, or was too slow. */
  readonly complete: boolean
  readonly ms: number
}

/** What an HTTP server tells: each request, when it is over. */
export interface HttpServerEvents {
  request: [RequestOutcome]
}

/** An HTTP server for boot files and reports. */
export interface HttpServer extends EventEmitter<HttpServerEvents>, AsyncDisposable {
  /**
   * Binds the port and serves.
   *
   * @throws BoottorrentError PORT_IN_USE, PERMISSION or INTERFACE, with the remedy as hint.
   */
  start(): Promise<void>
  /** Ends all connections and frees the port. */
  close(): Promise<void>
  /** The TCP port it serves on, once started. */
  readonly port: number
  readonly counters: HttpCounters
}

/** Makes a server; nothing happens before `start()`. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  return new HttpSocketServer(options)
}
