/** Decides whether the addresses of a network are ours to give, by looking for others who do. */
import type { ServedInterface } from './dhcp/index.ts'
import type { Configuration } from './environment/configuration.ts'
import { BoottorrentError } from './errors.ts'
import type { Host } from './host.ts'
import type { Log } from './log.ts'

export interface DhcpModeOptions {
  readonly mode: Configuration['network']['mode']
  readonly served: ServedInterface
  /** All addresses of ours: while it serves, our own server hears the question as well. */
  readonly ours: ReadonlySet<string>
  readonly findDhcpServers: Host['findDhcpServers']
  readonly log: Log
  readonly signal: AbortSignal
}

/**
 * `auto` means: the addresses are ours unless somebody else gives them here. Who asks for `dhcp` is refused then, since
 * two servers give the same address to two machines sooner or later.
 *
 * @throws BoottorrentError NETWORK_CONFLICT; PERMISSION or INTERFACE, and in mode `auto` PORT_IN_USE, when the network
 *   cannot be asked
 */
export async function decideDhcpMode(options: DhcpModeOptions): Promise<'dhcp' | 'proxy' | 'off'> {
  const { mode, log, served } = options
  const { name } = served
  if (mode === 'proxy' || mode === 'off') return mode
  log({ level: 'info', event: 'dhcp.probing', message: `looking for another DHCP server on ${name}`, interface: name })
  const others = await findOthers(options)
  if (others.length === 0) {
    log({
      level: 'info',
      event: 'dhcp.alone',
      message: `there is none on ${name}: addresses are ours to give`,
      interface: name,
    })
    return 'dhcp'
  }
  const who = `${others.join(', ')} gives addresses on ${name}`
  if (mode === 'dhcp') {
    throw new BoottorrentError('NETWORK_CONFLICT', `${who}, and the mode is dhcp: machines would get two answers.`, {
      hint: 'Set the mode to auto or proxy to give boot files only, or switch the other DHCP server off.',
    })
  }
  log({
    level: 'info',
    event: 'dhcp.beside',
    message: `${who}: giving boot files only`,
    servers: others,
    interface: name,
  })
  return 'proxy'
}

/** The other servers that give addresses here, by their addresses. */
async function findOthers({ mode, served, ours, findDhcpServers, log, signal }: DhcpModeOptions): Promise<string[]> {
  try {
    const found = await findDhcpServers({ address: served.address, signal })
    return found.map(({ server }) => server).filter((server) => !ours.has(server))
  } catch (error) {
    // A DHCP client that keeps the port to itself is no reason against a mode that the user has chosen.
    const isTaken = error instanceof BoottorrentError && error.code === 'PORT_IN_USE'
    if (mode !== 'dhcp' || !isTaken) throw error
    const message = `cannot look for another DHCP server, and trusts mode dhcp: ${error.message}`
    log({ level: 'warn', event: 'dhcp.not-probed', message })
    return []
  }
}
