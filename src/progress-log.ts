import type { Log } from './log.ts'
import { ProgressMeter } from './seeder/index.ts'

/** Shorter work is not told of. */
const PROGRESS_AFTER_MS = 1_000
const PROGRESS_EVERY_MS = 500

/** Tells of hashing that takes long: how much is done, how fast, and how long it still takes. */
export function progressLog(os: string, log: Log): (done: number, bytes: number) => void {
  const began = performance.now()
  const meter = new ProgressMeter(began)
  let toldAt = began + PROGRESS_AFTER_MS - PROGRESS_EVERY_MS
  return (done, bytes) => {
    const now = performance.now()
    const progress = meter.measure(done, bytes, now)
    if (done === bytes || now - toldAt < PROGRESS_EVERY_MS) return
    toldAt = now
    const message = `reading ${os}: ${Math.floor((100 * done) / bytes)} %`
    log({ level: 'info', event: 'torrent.progress', message, os, ...progress })
  }
}
