/** What the server on port 69 and the hosts of its transfers say to each other; all of it can be posted to a thread. */
import type { BootFile } from '../boot-files.ts'
import type { Remote } from './channel-server.ts'
import type { AbortReason, TransferFacts } from './index.ts'
import type { Option } from './packet.ts'
import type { Patience } from './transfer.ts'

/** What all transfers of a host have in common. */
export interface HostSettings {
  /** Our own address. */
  readonly address: string
  /** Largest block in bytes and largest window in blocks. */
  readonly blockSize: number
  readonly windowSize: number
  /** Bytes of files to keep in memory. */
  readonly cache: number
  readonly patience: Patience
}

/** One transfer to run. */
export interface TransferTask {
  /** The server's own number for it, never used twice. */
  readonly id: number
  readonly remote: Remote
  readonly file: BootFile
  /** The options of the request. */
  readonly options: readonly Option[]
}

export type HostRequest =
  | ({ readonly request: 'open' } & TransferTask)
  /** The client sent the request of this transfer once more. */
  | { readonly request: 'repeated'; readonly id: number }
  | { readonly request: 'abort'; readonly id: number; readonly reason: AbortReason; readonly detail: string }

/** How a transfer ended. */
export type TransferEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'probed' }
  | { readonly kind: 'aborted'; readonly reason: AbortReason; readonly detail: string }

/** How far a transfer has come. */
export interface Progress {
  /** Bytes the client has confirmed. */
  readonly bytes: number
  readonly retransmits: number
  /** Milliseconds since its start. */
  readonly ms: number
}

/** What a host tells of the transfer with this number. */
export type HostReport = { readonly id: number } & (
  | { readonly report: 'start'; readonly facts: TransferFacts }
  /** The client has answered for the first time. */
  | { readonly report: 'confirmed' }
  | { readonly report: 'stalled'; readonly progress: Progress }
  | { readonly report: 'end'; readonly end: TransferEnd; readonly progress: Progress }
  /** It could not be started: the file cannot be read, or there is no socket left. */
  | { readonly report: 'unreadable'; readonly message: string }
  | { readonly report: 'stranger'; readonly remote: Remote }
)

/** Runs transfers: in this thread or in others. */
export interface TransferHost {
  /** Takes a request; what comes of it is reported. */
  post(request: HostRequest): void
  /** Ends all its transfers, reports that, and then says nothing more. */
  close(): Promise<void>
}
