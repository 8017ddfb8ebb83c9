import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { loadEnvironment } from '../environment/index.ts'
import { loadOperatingSystems } from '../environment/operating-systems.ts'
import { Findings } from '../environment/problems.ts'
import { BoottorrentError } from '../errors.ts'
import { configurationText } from './configuration-text.ts'
import type { AddedSystem, AddOptions } from './index.ts'
import { checkName, nameFor } from './naming.ts'
import { writeNewFolder } from './new-folder.ts'
import { planFor } from './plan-for.ts'

/**
 * Adds a system to an environment.
 *
 * @throws BoottorrentError USAGE for sources, names or methods that do not fit; FILE or PERMISSION for what cannot be read
 *   or written; FORMAT for damaged or unknown input; CONFIGURATION when there is no environment; CLIENT_MISSING when the
 *   client's kernel is needed and not there; the reason of the signal when it is aborted
 */
export async function addSystem(options: AddOptions): Promise<AddedSystem> {
  const { environment, sources, signal = new AbortController().signal } = options
  const [first] = sources
  if (first === undefined) throw new BoottorrentError('USAGE', 'There is nothing to add.', { hint: 'Name a file.' })
  const taken = await displayNamesOf(environment)
  const name = options.name ?? nameFor(first)
  checkName(name)

  const plan = await planFor(options)
  const displayName = apart(options.displayName ?? plan.title ?? name, name, taken)
  const bytes = plan.files.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  const directory = await writeNewFolder({
    parent: path.join(environment, 'oss'),
    name,
    files: plan.files,
    configuration: configurationText(displayName, plan.start, plan.decisions),
    onWritten: (written) => {
      done += written
      options.onProgress?.({ done: Math.min(done, bytes), bytes })
    },
    signal,
  })
  await refuseProblems(environment, name, directory)
  const { method } = plan.start
  return { name, displayName, directory, method, bytes: await downloadSize(directory), decisions: plan.decisions }
}

/** The names that the menu has already. An environment with problems of its own can still be added to. */
async function displayNamesOf(environment: string): Promise<Set<string>> {
  const { problems } = await loadEnvironment(environment)
  const missing = problems.find(({ file, code }) => file === 'Boottorrent.yaml' && code === 'missing-file')
  if (missing !== undefined) {
    throw new BoottorrentError('CONFIGURATION', `There is no environment in ${environment}.`, {
      hint: 'Make one with "boottorrent init", or name its folder with --to.',
    })
  }
  const { oss } = await loadOperatingSystems(
    { directory: environment, menu: undefined, duplicates: 'last wins' },
    new Findings(),
  )
  return new Set(oss.map(({ displayName }) => displayName))
}

/** No two systems of a menu may have the same name. */
function apart(title: string, name: string, taken: ReadonlySet<string>): string {
  return taken.has(title) ? `${title} (${name})` : title
}

/** What was written is looked at as "check" does it: nothing is left that the server would refuse. */
async function refuseProblems(environment: string, name: string, directory: string): Promise<void> {
  const { problems } = await loadEnvironment(environment)
  const own = problems.find(({ file }) => file === `oss/${name}` || file.startsWith(`oss/${name}/`))
  if (own === undefined) return
  await rm(directory, { recursive: true, force: true })
  throw new BoottorrentError('FORMAT', `What was added could not be served: ${own.message}.`, { hint: own.hint })
}

/** config.yaml itself travels with the menu. */
async function downloadSize(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name !== 'config.yaml')
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(directory, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
