/**
 * A small HTTP server for boot files, and the place where machines report their steps.
 *
 * ```ts
 * import { createHttpServer } from './http/index.ts'
 *
 * await using server = createHttpServer({ address: '192.0.2.1', port: 8000, files, onReport: console.log })
 * await server.start()
 * ```
 *
 * `GET` and `HEAD` of every name in the table of boot files, with ranges and ETags (RFC 9110); `POST /report` with a
 * ClientReport as JSON. Everything else is a clean 404 or 405.
 */
import type { EventEmitter } from 'node:events'
import type { ClientReport } from '../../client/contract.ts'
import type { BootFiles } from '../boot-files.ts'
import type { Log } from '../log.ts'
import { HttpSocketServer } from './server.ts'

export interface HttpServerOptions {
  /** IP address to serve on; `0.0.0.0` for all. */
  readonly address: string
  /** TCP port; 0 for any free one. */
  readonly port: number
  /** What can be fetched. */
  readonly files: BootFiles
  /** Takes a report that was found to be in order. Its text is cleaned; whether it is true, nobody knows. */
  readonly onReport?: ((report: ClientReport, from: string) => void) | undefined
  /** Where log entries go; nowhere when left out. */
  readonly log?: Log | undefined
  readonly limits?: Partial<HttpLimits> | undefined
}

/** Bounds on what clients can make the server do. */
export interface HttpLimits {
  /** Connections at the same time; 512 when left out. */
  readonly connections: number
  /** Connections at the same time for one address; 64 when left out. */
  readonly connectionsPerClient: number
  /** Requests that may wait on one connection for the answers before theirs; 8 when left out. More end it. */
  readonly waitingRequests: number
  /** Milliseconds a request may take to arrive; 15 000 when left out. */
  readonly requestTimeout: number
  /** Milliseconds a connection may wait for its next request; 15 000 when left out. */
  readonly idleTimeout: number
  /** Milliseconds a client may take to read 256 KiB; 30 000 when left out, which is about 9 kB/s. */
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

export interface HttpServerEvents {
  request: [RequestOutcome]
}

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
