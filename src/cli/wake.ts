import type { Configuration } from '../environment/index.ts'
import { BoottorrentError } from '../errors.ts'
import type { Status } from '../status/index.ts'
import { chooseMachines, type NamedMachine, wake as sendWake } from '../wake/index.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { askStatus, servedEnvironment } from './running-server.ts'

export interface WakeOptions extends Readonly<Record<string, unknown>> {
  /** Folder of the environment. */
  readonly dir: string
  readonly all?: boolean
  readonly json?: boolean
}

/** `boottorrent wake`: switches machines on. The server need not run, but then only the names of the environment are known. */
export async function wake(words: readonly string[], options: WakeOptions, io: Io): Promise<number> {
  if (words.length === 0 && !options.all) {
    throw new BoottorrentError('USAGE', 'Nobody was named to be woken.', {
      hint: 'Name machines by MAC address or name, or use --all.',
    })
  }
  const environment = await servedEnvironment(options.dir, options, io)
  const known = await askStatus(environment).catch(() => undefined)
  const macs = options.all
    ? everybody(environment.configuration, known)
    : chooseMachines(words, namedMachines(environment.configuration, known))
  if (macs.length === 0) {
    throw new BoottorrentError('USAGE', 'No machine is known yet.', {
      hint: 'Name machines by MAC address, or write them into machines: of Boottorrent.yaml.',
    })
  }
  for (const { address, netmask } of environment.served) await sendWake(macs, { address, netmask })
  const interfaces = environment.served.map(({ name }) => name)
  io.stdout.write(options.json ? `${JSON.stringify({ woken: macs, interfaces })}\n` : describe(macs, interfaces))
  return exitCodes.done
}

function describe(macs: readonly string[], interfaces: readonly string[]): string {
  return `Woke ${macs.join(', ')} on ${interfaces.join(', ')}. A machine that sleeps on needs Wake-on-LAN in its firmware setup.\n`
}

/** What rules and the running server know by name. */
function namedMachines({ machines }: Configuration, known: Status | undefined): NamedMachine[] {
  const ruled = machines.flatMap(({ match, hostname }) => {
    return 'mac' in match && hostname !== undefined ? [{ mac: match.mac.toLowerCase(), name: hostname }] : []
  })
  const seen = (known?.machines ?? []).flatMap(({ mac, name }) => (name === null ? [] : [{ mac, name }]))
  return [...ruled, ...seen]
}

function everybody({ machines }: Configuration, known: Status | undefined): string[] {
  const ruled = machines.flatMap(({ match }) => ('mac' in match ? [match.mac.toLowerCase()] : []))
  const seen = (known?.machines ?? []).filter(({ isBooting }) => isBooting).map(({ mac }) => mac)
  return [...new Set([...ruled, ...seen])]
}
