/**
 * A boot server: what it takes, what it tells, and how one is made. {@link ComposedServer} is what it is made of.
 */

import type { EventEmitter } from 'node:events'
import { loadClientPackage } from './client-package.ts'
import { ComposedServer } from './composed-server.ts'
import type { InheritedSocket } from './dhcp/index.ts'
import { checkAddresses } from './dhcp-pools.ts'
import type { Configuration } from './environment/configuration.ts'
import { chooseInterfaces, loadEnvironment, type Override, type ServedInterface } from './environment/index.ts'
import { placeText } from './environment/problems.ts'
import { BoottorrentError } from './errors.ts'
import { type Host, thisComputer } from './host.ts'
import type { InterfaceSwarm } from './interface-services.ts'
import type { Reload } from './live-environment.ts'
import { type Log, silent } from './log.ts'
import { limitedLog } from './log-limit.ts'
import type { Machine, MachineStep } from './machines/index.ts'
import type { StatusBoard } from './status/index.ts'

/** What a boot server needs: an environment. Everything else has a default. */
export interface BootServerOptions {
  /** The environment's folder, or the configuration that was loaded from it. */
  readonly environment: string | Configuration
  /** Settings from outside the environment's files, which count again when these are read again. */
  readonly overrides?: readonly Override[] | undefined
  /** Whether changes of the environment's files are noticed and served. True when left out. */
  readonly watch?: boolean | undefined
  /** Interfaces to serve, when they are not those that the environment names or the only sensible one. */
  readonly interface?: string | readonly string[] | undefined
  /** Path of the client's manifest.json. Left out: the one of the installed package @boottorrent/client. */
  readonly client?: string | undefined
  /** UDP sockets on port 67 that somebody with more rights opened, each bound to a served interface. All, or none. */
  readonly dhcpSockets?: readonly DhcpSocket[] | undefined
  /** Where log entries go; nowhere when left out. */
  readonly log?: Log | undefined
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined
}

/** A UDP socket on port 67 that somebody with more rights opened. */
export interface DhcpSocket {
  /** Name of the interface it is bound to. Needed when several are served. */
  readonly interface?: string | undefined
  /** Number of the descriptor. */
  readonly fd: number
}

/** What a boot server tells, by the names of the events. */
export interface BootServerEvents {
  /** A machine made a step on its way from DISCOVER to its system. */
  machine: [MachineStep]
  /** More or fewer machines at an interface have a system, or want it; at most once a second for each system. */
  swarm: [InterfaceSwarm]
  /** The environment was read again, because its files have changed or because it was asked for. */
  reload: [Reload]
}

/** DHCP, TFTP, HTTP, tracker and seeder of one environment, and what they see of each machine. */
export interface BootServer extends EventEmitter<BootServerEvents>, AsyncDisposable {
  /** The interfaces that are served, with the addresses that they have now. At least one. */
  readonly served: readonly ServedInterface[]
  /**
   * Makes the torrents, binds every port and serves. When it fails, whatever was started is closed again. While it runs
   * already, a call changes nothing.
   *
   * @throws BoottorrentError PORT_IN_USE, PERMISSION, FILE, CLIENT_MISSING; an AbortError when it is closed meanwhile
   */
  start(): Promise<void>
  /**
   * Reads the environment again and serves it as it is now. Downloads of systems that have not changed go on. When it cannot be
   * served, everything stays as it was. Changes of files are noticed without it.
   *
   * @throws BoottorrentError USAGE when it does not run; an AbortError when it is closed meanwhile
   */
  reload(): Promise<Reload>
  /** Closes everything, in the opposite order. Can be called at any time, and again. */
  close(): Promise<void>
  /** What is known of each machine. */
  machines(): Machine[]
  /** The state of the room, as it is shown to people and programs: a snapshot, and changes as events. */
  readonly status: StatusBoard
  /** Files and folders that are read while it runs, known once it was started: for whoever gives up rights then. */
  reads(): readonly string[]
}

/**
 * Reads the environment and chooses the interfaces. Nothing is bound or written before `start()`.
 *
 * @throws BoottorrentError CONFIGURATION, INTERFACE, CLIENT_MISSING
 */
export function createBootServer(options: BootServerOptions): Promise<BootServer> {
  return composeBootServer(options, thisComputer)
}

/** The same on a computer that need not be this one; see {@link Host}. */
export async function composeBootServer(options: BootServerOptions, host: Host): Promise<BootServer> {
  const { overrides = [], watch = true, signal } = options
  const configuration = await configurationOf(options.environment, overrides)
  const { interfaces, hostIps } = configuration.network
  const named = options.interface === undefined ? interfaces : [options.interface].flat()
  const served = chooseInterfaces(await host.interfaces(), { interfaces: named, hostIps })
  const client = await loadClientPackage(options.client)
  // A room of 100 machines that are switched on at once makes about a thousand steps.
  const log = limitedLog(options.log ?? silent, { burst: 2000, perSecond: 50 })
  checkAddresses(served, configuration)
  const inherited = inheritedSockets(options.dhcpSockets ?? [], served)
  return new ComposedServer({ configuration, overrides, watch, host, served, client, log, signal, inherited })
}

/** A socket without a name can only be that of the only interface. */
function inheritedSockets(sockets: readonly DhcpSocket[], served: readonly ServedInterface[]): InheritedSocket[] {
  const only = served.length === 1 ? served[0] : undefined
  return sockets.map(({ interface: name = only?.name, fd }) => {
    const isServed = served.some((one) => one.name === name)
    if (name !== undefined && isServed) return { interface: name, fd }
    const which = name === undefined ? 'does not say for which interface it is' : `is for ${name}, which is not served`
    throw new BoottorrentError('USAGE', `The inherited DHCP socket ${fd} ${which}.`, {
      hint: `Pass one for each of ${served.map((one) => one.name).join(', ')}, with these names (FileDescriptorName= in the socket units).`,
    })
  })
}

async function configurationOf(
  environment: string | Configuration,
  overrides: readonly Override[],
): Promise<Configuration> {
  if (typeof environment !== 'string') return environment
  const { configuration, problems } = await loadEnvironment(environment, overrides)
  if (configuration) return configuration
  const [first] = problems
  const place = first ? `${placeText(first)}: ${first.message}` : 'unknown'
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  throw new BoottorrentError('CONFIGURATION', `The environment ${environment} has ${count}: ${place}`, {
    hint: 'Run "boottorrent check" to see all of them.',
  })
}
