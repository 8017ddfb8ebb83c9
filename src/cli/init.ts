import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { hostInterfaces } from '../environment/host-interfaces.ts'
import type { Interfaces, ServedInterface } from '../environment/interfaces.ts'
import { BoottorrentError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { packageRoot } from '../package-root.ts'
import { writeError } from '../write-error.ts'
import { type Found, findInterface } from './choose-interface.ts'
import { argument, commandName, startCommand } from './command-name.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'

export interface InitOptions {
  readonly interface?: string
  /** Whether a tiny system is added that boots. */
  readonly demo?: boolean
}

const CONFIGURATION = 'Boottorrent.yaml'
const README = path.join('oss', 'README.md')
const DEMO = 'demo'

/** `boottorrent init`: writes an environment, and never over one that is there. */
export async function init(directory: string, options: InitOptions, io: Io, interfaces?: Interfaces): Promise<number> {
  const folder = path.resolve(io.cwd, directory)
  await refuseExisting(folder)
  // Found before anything is written: half an environment would be in the way of the next attempt.
  const demo = options.demo ? await demoSystem(folder, io) : undefined
  const skeleton = path.join(packageRoot(), 'assets', 'environment')
  const template = await readFile(path.join(skeleton, CONFIGURATION), 'utf8')
  const found = await findInterface(options.interface, io, interfaces ?? (await hostInterfaces()))

  try {
    await makeFolder(path.join(folder, 'oss'))
    await demo?.write()
    await writeConfiguration(folder, fillIn(template, found, options), demo !== undefined)
    const readme = await readFile(path.join(skeleton, README))
    await writeFile(path.join(folder, README), readme, { flag: 'wx' }).catch(unlessThere)
  } catch (error) {
    throw explained(error, folder)
  }

  io.stdout.write(report(directory, found, options, io.env))
  return exitCodes.done
}

/** Leaves nothing of itself when it fails, which would be in the way of the next attempt. */
async function writeConfiguration(folder: string, text: string, hasDemo: boolean): Promise<void> {
  const file = path.join(folder, CONFIGURATION)
  try {
    // "wx" refuses a file that has come into being since it was looked for.
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if (hasDemo) await rm(path.join(folder, 'oss', DEMO), { recursive: true, force: true })
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(file, { force: true })
    throw error
  }
}

function explained(error: unknown, folder: string): BoottorrentError {
  if (error instanceof BoottorrentError) return error
  const refusal = writeError(folder, error as NodeJS.ErrnoException, 'Make room there and run the command again.')
  if (refusal.code !== 'PERMISSION') return refusal
  const hint = 'Choose a folder where this user may write, or give it the right to write there.'
  return new BoottorrentError('PERMISSION', refusal.message, { hint, cause: error })
}

/** Loaded late: who makes an empty environment needs none of it. */
async function demoSystem(environment: string, io: Io) {
  const { prepareDemoSystem } = await import('../add/demo-system.ts')
  return prepareDemoSystem({ environment, name: DEMO, client: io.env.BOOTTORRENT_CLIENT })
}

async function refuseExisting(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') {
      throw new BoottorrentError('USAGE', `${folder} is a file, not a folder.`, {
        hint: 'Choose another name.',
        cause: error,
      })
    }
    throw explained(error, folder)
  })
  const existing = names.find((name) => name.toLowerCase() === CONFIGURATION.toLowerCase())
  if (existing === undefined) return
  throw new BoottorrentError('USAGE', `There is an environment in ${folder} already.`, {
    hint: `Edit its ${existing}, or choose another folder.`,
  })
}

/** The lines `interface:`, `host_ip:` and `default:` of the template are comments until they are known. */
function fillIn(template: string, { served, choices }: Found, { demo }: InitOptions): string {
  const text = demo ? template.replace('  # default: debian', `  default: ${DEMO}`) : template
  if (served) {
    return text
      .replace('  # interface: eth0', `  interface: ${JSON.stringify(served.name)}`)
      .replace('  # host_ip: 192.168.1.1', `  host_ip: ${served.address}`)
  }
  if (choices.length === 0) return text
  return text.replace('  # interface: eth0', `  # One of ${list(choices)}:\n  # interface: ${choices[0]?.name}`)
}

function report(directory: string, { served, choices }: Found, { demo }: InitOptions, env: Io['env']): string {
  const file = path.join(directory, CONFIGURATION)
  const serves = served
    ? `It serves the interface ${served.name} (${served.address}).`
    : choices.length > 1
      ? `Choose the interface to serve in it: ${list(choices)}.`
      : 'No network interface has an address yet: set network.interface in it, or connect the computer before "start".'
  const systems = path.join(directory, 'oss')
  const next = demo
    ? [`Added ${path.join(systems, DEMO)}, a small system to try it with.`, 'Next:']
    : [
        `Next: add a system, such as a CD image (by hand: ${path.join(systems, 'README.md')}), then check and serve:`,
        `  ${commandName(env)} add debian.iso${directory === '.' ? '' : ` --to${argument(directory)}`}`,
      ]
  return [
    `Wrote ${file}. ${serves}`,
    ...next,
    `  ${commandName(env)} check${argument(directory)}`,
    `  ${startCommand(directory, env)}`,
    '',
  ].join('\n')
}

function list(choices: readonly ServedInterface[]): string {
  return choices.map(({ name, address }) => `${name} (${address})`).join(', ')
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
