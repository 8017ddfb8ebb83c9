/** The server that runs for an environment, as other commands reach it. */
import path from 'node:path'
import {
  type Configuration,
  chooseInterfaces,
  hostInterfaces,
  loadEnvironment,
  type ServedInterface,
} from '../environment/index.ts'
import { BoottorrentError } from '../errors.ts'
import { hints } from '../platform/index.ts'
import type { Status } from '../status/index.ts'
import type { Io } from './io.ts'
import { settingsFromFlags, settingsFromVariables } from './settings.ts'

export interface ServedEnvironment {
  readonly configuration: Configuration
  readonly served: readonly ServedInterface[]
  /** Where its server is to be found, as `http://192.0.2.1:8000/`. */
  readonly url: string
}

/** Milliseconds that a server on this computer may take for its answer. */
const PATIENCE = 5000

/**
 * Reads an environment for what it says of its network.
 *
 * @param options flags of the command
 * @throws BoottorrentError CONFIGURATION, INTERFACE
 */
export async function servedEnvironment(
  directory: string,
  options: Readonly<Record<string, unknown>>,
  io: Io,
): Promise<ServedEnvironment> {
  const overrides = [...settingsFromVariables(io.env), ...settingsFromFlags(options)]
  const { configuration, problems } = await loadEnvironment(path.resolve(io.cwd, directory), overrides)
  if (configuration === undefined) {
    const [first] = problems
    throw new BoottorrentError(
      'CONFIGURATION',
      `${first?.file ?? directory}: ${first?.message ?? 'it cannot be read'}.`,
      {
        hint: `${first?.hint ?? ''} "boottorrent check" shows everything that is wrong.`.trim(),
      },
    )
  }
  const served = chooseInterfaces(await hostInterfaces(), configuration.network)
  return { configuration, served, url: `http://${served[0]?.address}:${configuration.http.port}/` }
}

/** The status of the server; undefined when none answers there. */
export async function askStatus({ url }: Pick<ServedEnvironment, 'url'>): Promise<Status | undefined> {
  let answer: Response
  try {
    answer = await fetch(new URL('/api/status', url), { signal: AbortSignal.timeout(PATIENCE) })
  } catch {
    return undefined
  }
  const isStatus = answer.ok && answer.headers.get('content-type')?.startsWith('application/json')
  if (!isStatus) {
    throw new BoottorrentError('FORMAT', `What answers on ${url} is not boottorrent, or an older one.`, {
      hint: `Look which program has the port: ${hints.listPorts}.`,
    })
  }
  return (await answer.json()) as Status
}
