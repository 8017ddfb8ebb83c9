import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { hostInterfaces } from '../environment/host-interfaces.ts'
import {
  chooseInterface,
  type Interfaces,
  type ServedInterface,
  sensibleInterfaces,
} from '../environment/interfaces.ts'
import { BoottorrentError } from '../errors.ts'
import { packageRoot } from '../package-root.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'

export interface InitOptions {
  readonly interface?: string
}

const CONFIGURATION = 'Boottorrent.yaml'
const README = path.join('oss', 'README.md')

/** `boottorrent init`: writes an environment, and never over one that is there. */
export async function init(directory: string, options: InitOptions, io: Io, interfaces?: Interfaces): Promise<number> {
  const folder = path.resolve(io.cwd, directory)
  await refuseExisting(folder)
  const skeleton = path.join(packageRoot(), 'assets', 'environment')
  const template = await readFile(path.join(skeleton, CONFIGURATION), 'utf8')
  const { served, choices } = await findInterface(options, io, interfaces ?? (await hostInterfaces()))

  await mkdir(path.join(folder, 'oss'), { recursive: true })
  // "wx" refuses a file that has come into being since the check above.
  await writeFile(path.join(folder, CONFIGURATION), fillIn(template, served, choices), { flag: 'wx' })
  const readme = await readFile(path.join(skeleton, README))
  await writeFile(path.join(folder, README), readme, { flag: 'wx' }).catch(unlessThere)

  io.stdout.write(report(directory, served, choices))
  return exitCodes.done
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
    throw error
  })
  const existing = names.find((name) => name.toLowerCase() === CONFIGURATION.toLowerCase())
  if (existing === undefined) return
  throw new BoottorrentError('USAGE', `There is an environment in ${folder} already.`, {
    hint: `Edit its ${existing}, or choose another folder.`,
  })
}

interface Found {
  readonly served: ServedInterface | undefined
  /** What could be served, when nothing was chosen. */
  readonly choices: readonly ServedInterface[]
}

async function findInterface(options: InitOptions, io: Io, interfaces: Interfaces): Promise<Found> {
  if (options.interface !== undefined) {
    return { served: chooseInterface(interfaces, { interface: options.interface }), choices: [] }
  }
  const choices = sensibleInterfaces(interfaces)
  if (choices.length === 1) return { served: choices[0], choices }
  return { served: choices.length > 1 ? await askFor(choices, io) : undefined, choices }
}

/** Nobody at a terminal is asked: then the file names the choices in a comment. */
async function askFor(choices: readonly ServedInterface[], io: Io): Promise<ServedInterface | undefined> {
  if (!io.ask) return undefined
  const lines = choices.map(({ name, address }, index) => `  ${index + 1}  ${name}  ${address}`)
  io.stdout.write(`Several network interfaces could be served:\n${lines.join('\n')}\n`)
  const answer = (await io.ask('Which one are the machines on? (number or name; Enter decides later) ')).trim()
  if (answer === '') return undefined
  const chosen = choices[Number(answer) - 1] ?? choices.find(({ name }) => name === answer)
  if (!chosen) {
    throw new BoottorrentError('USAGE', `"${answer}" is none of the choices.`, {
      hint: 'Run the command again, or use --interface.',
    })
  }
  return chosen
}

/** The lines `interface:` and `host_ip:` of the template are comments until they are known. */
function fillIn(template: string, served: ServedInterface | undefined, choices: readonly ServedInterface[]): string {
  if (served) {
    return template
      .replace('  # interface: eth0', `  interface: ${JSON.stringify(served.name)}`)
      .replace('  # host_ip: 192.168.1.1', `  host_ip: ${served.address}`)
  }
  if (choices.length === 0) return template
  const known = choices.map(({ name, address }) => `${name} (${address})`).join(', ')
  return template.replace('  # interface: eth0', `  # One of ${known}:\n  # interface: ${choices[0]?.name}`)
}

function report(directory: string, served: ServedInterface | undefined, choices: readonly ServedInterface[]): string {
  const file = path.join(directory, CONFIGURATION)
  const serves = served
    ? `It serves the interface ${served.name} (${served.address}).`
    : choices.length > 1
      ? `Choose the interface to serve in it: ${choices.map(({ name, address }) => `${name} (${address})`).join(', ')}.`
      : 'No network interface has an address yet: set network.interface in it, or connect the computer before "start".'
  const argument = directory === '.' ? '' : ` ${directory}`
  return [
    `Wrote ${file}. ${serves}`,
    `Next: put a system into ${path.join(directory, 'oss')} (the README.md there tells how), then run`,
    `  boottorrent check${argument}`,
    `  boottorrent start${argument}`,
    '',
  ].join('\n')
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
