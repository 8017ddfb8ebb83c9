import type { EventEmitter } from 'node:events'
import type { Log, LogEntry } from '../log.ts'
import type { TftpServerEvents, TransferFacts } from './index.ts'
import type { Progress, TransferEnd } from './messages.ts'

/** Tells what became of a transfer: once as an event for programs, once as a log line for people. */
export function reportTransfer(
  events: EventEmitter<TftpServerEvents>,
  log: Log,
  facts: TransferFacts,
  { bytes, retransmits, ms }: Progress,
  news: TransferEnd | { readonly kind: 'stalled' },
): void {
  const { remote, file, size } = facts
  const entry = (level: LogEntry['level'], event: string, message: string, more: object = {}): void =>
    log({ level, event, message, remote: remote.address, port: remote.port, file, bytes, ...more })
  const who = `${remote.address}: ${file}`

  switch (news.kind) {
    case 'done':
      entry('info', 'tftp.done', `${who} sent, ${bytes} bytes in ${Math.round(ms)} ms`, { ms, retransmits })
      events.emit('done', { ...facts, bytes, ms, retransmits })
      break
    case 'probed':
      entry('debug', 'tftp.probed', `${who}: asked for the size only (${size} bytes)`)
      events.emit('probed', facts)
      break
    case 'stalled':
      entry('warn', 'tftp.stalled', `${who} stalls at ${bytes} of ${size} bytes: the client does not answer`)
      events.emit('stalled', { ...facts, bytes })
      break
    case 'aborted': {
      const { reason, detail } = news
      const message = `${who} broken off at ${bytes} of ${size} bytes: ${detail}`
      entry('warn', 'tftp.aborted', message, { ms, retransmits, reason })
      events.emit('aborted', { ...facts, bytes, ms, retransmits, reason, detail })
      break
    }
  }
}
