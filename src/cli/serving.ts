/** What commands have in common that serve until they are told to stop. */
import type { Log } from '../log.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'

export interface Stop extends Disposable {
  /** Aborted by the first Ctrl+C. */
  readonly signal: AbortSignal
  /** Does what Ctrl+C does. */
  request(): void
}

/**
 * Ctrl+C ends it in order, a second one at once. Where nothing can be read again, SIGHUP is one more way to end it.
 *
 * @param room first part of the log's event
 */
export function stopOnInterrupt(io: Io, log: Log, room: 'server' | 'seed' | 'demo'): Stop {
  const stop = new AbortController()
  const request = () => {
    if (stop.signal.aborted) return io.exit(exitCodes.interrupted)
    log({ level: 'info', event: `${room}.closing`, message: 'Stopping. Press Ctrl+C once more to end at once' })
    stop.abort()
  }
  const heard = [io.onInterrupt(request), ...(room === 'server' ? [] : [io.onReload(request)])]
  return {
    signal: stop.signal,
    request,
    [Symbol.dispose]() {
      for (const one of heard) one[Symbol.dispose]()
    },
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

export function isAbort(error: unknown, { aborted, reason }: AbortSignal): boolean {
  return aborted && (error === reason || (error instanceof Error && error.name === 'AbortError'))
}
