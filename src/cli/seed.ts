import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { jsonLog, plainLog } from './log.ts'
import { logError } from './report-error.ts'
import { aborted, isAbort, stopOnInterrupt } from './serving.ts'

export interface SeedOptions {
  /** The computer whose environment it is a copy of. */
  readonly of: string
  readonly port: string
  readonly tracker?: readonly string[]
  readonly json?: boolean
}

/** `boottorrent seed`: a second host for the swarms of another one. */
export async function seed(directory: string, options: SeedOptions, io: Io): Promise<number> {
  const { createSecondSeed, hostUrl, trackerUrl } = await import('../second-seed/index.ts')
  const host = hostUrl(options.of)
  const port = portOf(options.port)
  const trackers = (options.tracker ?? []).map(trackerUrl)
  const log = options.json ? jsonLog(io, { level: 'info' }) : plainLog(io, { level: 'info' })
  using stop = stopOnInterrupt(io, log, 'seed')
  try {
    const { signal } = stop
    const from = path.resolve(io.cwd, directory)
    await using second = createSecondSeed({ host, directory: from, trackers, port, log, signal })
    await second.start()
    await aborted(signal)
  } catch (error) {
    if (!isAbort(error, stop.signal)) {
      if (!options.json) throw error
      logError(error, log, 'seed.failed')
      return exitCodeOf(error)
    }
  }
  log({ level: 'info', event: 'seed.closed', message: 'Stopped' })
  return exitCodes.done
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new BoottorrentError('USAGE', `--port ${text} is no port.`, { hint: 'Write a number from 0 to 65535.' })
}
