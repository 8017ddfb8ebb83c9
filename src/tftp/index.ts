/**
 * A read-only TFTP server for boot files: RFC 1350 with options (2347), block size (2348), size and timeout (2349) and
 * windows (7440).
 *
 * ```ts
 * import { createTftpServer } from './tftp/index.ts'
 *
 * await using server = createTftpServer({ address: '192.0.2.1', files })
 * server.on('done', ({ remote, file, bytes, ms }) => console.log(remote.address, file, bytes, ms))
 * await server.start()
 * ```
 *
 * Only what is in the table of boot files can be fetched. Nothing that comes off the network makes it throw.
 */
import type { EventEmitter } from 'node:events'
import type { BootFiles } from '../boot-files.ts'
import type { Log } from '../log.ts'
import type { Remote } from './channel-server.ts'
import { TftpSocketServer } from './server.ts'

export type { Remote } from './channel-server.ts'
export * from './packet.ts'

/** Where to serve, and what. */
export interface TftpServerOptions {
  /** IP address to serve on; `0.0.0.0` for all. */
  readonly address: string
  /** UDP port; 69 when left out, 0 for any free one. */
  readonly port?: number | undefined
  /** What can be fetched. */
  readonly files: BootFiles
  /** Where log entries go; nowhere when left out. */
  readonly log?: Log | undefined
  /** Milliseconds of a steady clock. Transfers go by it only when they run in no thread of their own. */
  readonly clock?: (() => number) | undefined
  readonly limits?: Partial<TftpLimits> | undefined
}

/** Bounds on what clients can make the server do. */
export interface TftpLimits {
  /** Largest block in bytes. When left out: what fits a packet of the served interface, and 1468 when that is unknown. */
  readonly blockSize: number
  /** Largest window in blocks; 64 when left out. */
  readonly windowSize: number
  /** Threads for the transfers; 0 is the caller's own. When left out: one for each processor, four at most. */
  readonly threads: number
  /** Transfers at the same time; 256 when left out. */
  readonly transfers: number
  /** Transfers at the same time for one address; 16 when left out. */
  readonly transfersPerClient: number
  /** Bytes of files that are kept in memory; 128 MiB when left out. */
  readonly cache: number
  /** Milliseconds before a packet is sent again, doubled each time; 400 when left out. */
  readonly firstTimeout: number
  /** Milliseconds that a doubled wait never passes; 5000 when left out. */
  readonly longestTimeout: number
  /** Repetitions before a silent client is given up; 7 when left out. */
  readonly repetitions: number
}

/** One transfer, as events tell of it. */
export interface TransferFacts {
  readonly remote: Remote
  /** Name of the boot file in the table. */
  readonly file: string
  /** Size of the file in bytes. */
  readonly size: number
  readonly blockSize: number
  readonly windowSize: number
}

/** A transfer that is over. */
export interface TransferOutcome extends TransferFacts {
  /** Bytes the client has confirmed. */
  readonly bytes: number
  readonly ms: number
  /** How often the client was silent and something was sent again. */
  readonly retransmits: number
}

/**
 * Why a transfer ended early: the client stopped answering, sent an ERROR, closed its port, asked anew from the same
 * port; the file was changed under us or could not be read; the server had to make room, was closed, or lost a thread.
 */
export type AbortReason =
  | 'silence'
  | 'client-error'
  | 'client-gone'
  | 'asked-anew'
  | 'file-changed'
  | 'crowded-out'
  | 'closed'
  | 'crashed'

/**
 * Why a request was refused. A client that has its own share of transfers is told (`over-limit`). When others have taken
 * all (`busy`), it is not: it asks again by itself, and an ERROR would end its boot.
 */
export type RefusalReason = 'not-found' | 'read-only' | 'mode' | 'unreadable' | 'over-limit' | 'busy'

/** Everything that happens, one argument each. Names from the network are cleaned. */
export interface TftpServerEvents {
  start: [TransferFacts]
  done: [TransferOutcome]
  /** The client only wanted to know the size (edk2 does, with ERROR 8). Not a failure. */
  probed: [TransferFacts]
  /** The client has been silent for three waits in a row; told once per stall. */
  stalled: [TransferFacts & { readonly bytes: number }]
  aborted: [TransferOutcome & { readonly reason: AbortReason; readonly detail: string }]
  refused: [{ readonly remote: Remote; readonly file: string; readonly reason: RefusalReason }]
}

/** How often something came in that is no part of a transfer. */
export interface TftpCounters {
  /** Datagrams on the server's port that are no request. */
  readonly malformed: number
  /** Datagrams to a transfer's port from another sender. */
  readonly strangers: number
}

/** A read-only TFTP server. */
export interface TftpServer extends EventEmitter<TftpServerEvents>, AsyncDisposable {
  /**
   * Binds the port and serves.
   *
   * @throws BoottorrentError PORT_IN_USE, PERMISSION or INTERFACE, with the remedy as hint.
   */
  start(): Promise<void>
  /** Ends all transfers and frees the port. */
  close(): Promise<void>
  /** The UDP port it serves on, once started. */
  readonly port: number
  /** Transfers that run now. */
  readonly transfers: number
  readonly counters: TftpCounters
}

/** Makes a server; nothing happens before `start()`. */
export function createTftpServer(options: TftpServerOptions): TftpServer {
  return new TftpSocketServer(options)
}
