import path from 'node:path'
import { type AddedSystem, type AddProgress, addSystem, type Method } from '../add/index.ts'
import { formatProblem, loadEnvironment } from '../environment/index.ts'
import { BoottorrentError } from '../errors.ts'
import { ProgressMeter } from '../seeder/hashing-progress.ts'
import { formatBytes } from '../ui/format.ts'
import { startCommand } from './command-name.ts'
import { exitCodes } from './exit-codes.ts'
import { type Io, inColor } from './io.ts'
import { ProgressOutput } from './progress-line.ts'

export interface AddFlags {
  readonly to: string
  readonly name?: string
  readonly title?: string
  readonly method?: Method
  readonly cmdline?: string
  readonly initrd?: readonly string[]
  readonly json?: boolean
}

/** A line that is drawn more often than this cannot be read anyway. */
const DRAW_EVERY_MS = 200

/** `boottorrent add`: turns images and programs into a system of the environment. */
export async function add(paths: readonly string[], flags: AddFlags, io: Io): Promise<number> {
  const stopping = new AbortController()
  using _interrupt = io.onInterrupt(() => stopping.abort(interrupted()))
  const progress = new ProgressOutput(io.stderr)
  const absolute = (file: string) => path.resolve(io.cwd, file)
  try {
    const added = await addSystem({
      environment: absolute(flags.to),
      sources: paths.map(absolute),
      name: flags.name,
      displayName: flags.title,
      method: flags.method,
      cmdline: flags.cmdline,
      initrds: flags.initrd?.map(absolute),
      client: io.env.BOOTTORRENT_CLIENT,
      onProgress: drawn(progress),
      signal: stopping.signal,
    })
    progress.clear()
    io.stdout.write(flags.json ? `${JSON.stringify(added)}\n` : await report(added, flags.to, io))
    return exitCodes.done
  } catch (error) {
    progress.clear()
    throw error
  }
}

function interrupted(): BoottorrentError {
  return new BoottorrentError('USAGE', 'Nothing was added: the command was interrupted.', {
    hint: 'Run it again when there is time.',
  })
}

function drawn(output: ProgressOutput): (progress: AddProgress) => void {
  const meter = new ProgressMeter(performance.now())
  let drawnAt = Number.NEGATIVE_INFINITY
  return ({ done, bytes }) => {
    const now = performance.now()
    if (now - drawnAt < DRAW_EVERY_MS) return
    drawnAt = now
    output.show({ what: 'writing', ...meter.measure(done, bytes, now) }, new Date())
  }
}

async function report(added: AddedSystem, environment: string, io: Io): Promise<string> {
  const { name, displayName, method, bytes, decisions } = added
  const { problems } = await loadEnvironment(path.resolve(io.cwd, environment))
  const mend = problems.map((problem) => formatProblem(problem, { color: inColor(io.stdout, io.env) }))
  return [
    `Added ${displayName} as oss/${name} (${method}, ${formatBytes(bytes)}).`,
    ...decisions.map((line) => `  ${line}`),
    ...(mend.length > 0 ? ['Before it can be served:', ...mend] : []),
    `Next: ${startCommand(environment, io.env)}`,
    '',
  ].join('\n')
}
