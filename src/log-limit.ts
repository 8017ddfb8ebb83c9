import type { Log, LogEntry } from './log.ts'

export interface LogLimit {
  /** Entries of one event that are let through at once. */
  readonly burst: number
  /** Entries of one event that are let through each second after that. */
  readonly perSecond: number
  /** Milliseconds. */
  readonly now?: () => number
}

/**
 * A log that nobody on the network can flood. Entries of each event are counted apart, so that a flood of one kind hides no
 * other; what is left out is said once it is over. Errors always pass.
 */
export function limitedLog(log: Log, { burst, perSecond, now = Date.now }: LogLimit): Log {
  const buckets = new Map<string, { tokens: number; at: number; leftOut: number }>()

  return (entry) => {
    if (entry.level === 'error') return log(entry)
    const time = now()
    // Event names are our own and few: this does not grow.
    const bucket = buckets.get(entry.event) ?? { tokens: burst, at: time, leftOut: 0 }
    buckets.set(entry.event, bucket)
    bucket.tokens = Math.min(burst, bucket.tokens + ((time - bucket.at) / 1000) * perSecond)
    bucket.at = time
    if (bucket.tokens < 1) {
      bucket.leftOut++
      return
    }
    bucket.tokens--
    if (bucket.leftOut > 0 && bucket.tokens >= burst / 2) {
      log(leftOut(entry.event, bucket.leftOut))
      bucket.leftOut = 0
    }
    log(entry)
  }
}

function leftOut(event: string, count: number): LogEntry {
  return { level: 'warn', event: 'log.flood', message: `${count} lines of "${event}" were left out`, of: event, count }
}
