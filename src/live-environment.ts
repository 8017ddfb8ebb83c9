/** What is served of an environment: read anew when it changes, and kept as it was when it is broken. */

import { createBootFiles } from './boot-files.ts'
import type { Configuration, LoadedEnvironment, Problem } from './environment/index.ts'
import { placeText } from './environment/problems.ts'
import { BoottorrentError } from './errors.ts'
import type { Log } from './log.ts'
import type { Publication } from './publish.ts'
import { keepingFixed } from './reload-limits.ts'

/** What a reload has done. */
export interface Reload {
  /** Whether the environment as it is now is served. If not, the one before still is. */
  readonly ok: boolean
  /** What must be mended. Something else than the configuration's files is a problem of line 0. */
  readonly problems: readonly Problem[]
  /** Systems that are new, gone, or have other content. */
  readonly systems: readonly ChangedSystem[]
  /** Settings that have changed but only count after a restart. */
  readonly needsRestart: readonly string[]
}

/** A system whose content is another one than before the reload. */
export interface ChangedSystem {
  /** Folder name. */
  readonly os: string
  /** Info-hash from now on; undefined when it is gone. */
  readonly infoHash: string | undefined
  /** Info-hash until now; undefined when it is new. */
  readonly before: string | undefined
}

export interface LiveEnvironmentOptions {
  readonly configuration: Configuration
  /** Reads the environment again. */
  readonly load: () => Promise<LoadedEnvironment>
  readonly publish: (configuration: Configuration, signal: AbortSignal) => Promise<Publication>
  readonly log: Log
}

export class LiveEnvironment {
  readonly #options: LiveEnvironmentOptions
  #configuration: Configuration
  #publication: Publication = { published: [], torrents: [], files: createBootFiles([]) }
  /** Reloads happen one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LiveEnvironmentOptions) {
    this.#options = options
    this.#configuration = options.configuration
  }

  get configuration(): Configuration {
    return this.#configuration
  }

  /** Publishes it for the first time. @throws BoottorrentError; the reason of the signal */
  async publish(signal: AbortSignal): Promise<Publication> {
    this.#publication = await this.#options.publish(this.#configuration, signal)
    return this.#publication
  }

  /**
   * Reads the environment again and publishes it. `use` is called with what is new before its boot files are served: so no
   * machine is told of a torrent that nobody has.
   *
   * @throws the reason of the signal, nothing else
   */
  reload(use: (publication: Publication) => void, signal: AbortSignal): Promise<Reload> {
    const done = this.#last.then(() => this.#reload(use, signal))
    this.#last = done.catch(() => {})
    return done
  }

  /** Resolves when no reload is under way. */
  async idle(): Promise<void> {
    await this.#last
  }

  async #reload(use: (publication: Publication) => void, signal: AbortSignal): Promise<Reload> {
    signal.throwIfAborted()
    try {
      const loaded = await this.#options.load()
      if (loaded.configuration === undefined) return this.#refuse(loaded.problems)
      const { configuration, needsRestart } = keepingFixed(this.#configuration, loaded.configuration)
      const publication = await this.#options.publish(configuration, signal)
      const systems = changedSystems(this.#publication, publication)
      use(publication)
      this.#configuration = configuration
      this.#publication = publication
      this.#tell(systems, needsRestart)
      return { ok: true, problems: [], systems, needsRestart }
    } catch (error) {
      signal.throwIfAborted()
      return this.#refuse([asProblem(error)])
    }
  }

  #refuse(problems: readonly Problem[]): Reload {
    const { log } = this.#options
    for (const problem of problems) {
      const place = placeText(problem)
      const message = `${place}: ${problem.message}. ${problem.hint}`
      log({ ...problem, level: 'error', event: 'environment.problem', message })
    }
    const message = 'the environment has changed but cannot be served as it is: what was served before still is'
    log({ level: 'warn', event: 'environment.refused', message, problems: problems.length })
    return { ok: false, problems, systems: [], needsRestart: [] }
  }

  #tell(systems: readonly ChangedSystem[], needsRestart: readonly string[]): void {
    const { log } = this.#options
    const changes = systems.map(describe).join('; ')
    const message = `serving the environment as it is now${changes === '' ? '' : `: ${changes}`}`
    log({ level: 'info', event: 'environment.reloaded', message, systems })
    if (needsRestart.length === 0) return
    const restart = `${needsRestart.join(', ')} changed, which counts only after a restart`
    log({ level: 'warn', event: 'environment.restart-needed', message: restart, settings: needsRestart })
  }
}

function changedSystems(before: Publication, after: Publication): ChangedSystem[] {
  const infoHashes = ({ published }: Publication) => new Map(published.map(({ os, infoHash }) => [os.name, infoHash]))
  const [old, now] = [infoHashes(before), infoHashes(after)]
  return [...new Set([...now.keys(), ...old.keys()])]
    .map((os) => ({ os, infoHash: now.get(os), before: old.get(os) }))
    .filter((system) => system.infoHash !== system.before)
}

function describe({ os, infoHash, before }: ChangedSystem): string {
  if (infoHash === undefined) return `${os} is gone`
  return before === undefined ? `${os} is new` : `${os} has other content`
}

/** What cannot be read or written, in the form in which the configuration's problems come. */
function asProblem(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error)
  const { code, hint } = error instanceof BoottorrentError ? error : { code: 'INTERNAL', hint: undefined }
  return { file: 'oss', line: 0, column: 0, code, message: message.replace(/\.$/, ''), hint: hint ?? 'Start it again.' }
}
