/** Who else gives addresses on the served networks, and whether that goes with the mode. */
import type { FoundServer } from '../dhcp/index.ts'
import type { Configuration, ServedInterface } from '../environment/index.ts'
import { BoottorrentError } from '../errors.ts'
import { hints } from '../platform/index.ts'
import { type CheckResult, failure, failureOf, ok, warning } from './result.ts'

export interface DhcpFacts {
  /** @throws BoottorrentError PORT_IN_USE, PERMISSION, INTERFACE */
  dhcpServers(address: string): Promise<readonly FoundServer[]>
}

const NAME = 'dhcp-server'

export async function checkDhcpServers(
  { network: { mode } }: Configuration,
  served: readonly ServedInterface[],
  facts: DhcpFacts,
): Promise<CheckResult[]> {
  if (mode === 'off') return [ok(NAME, 'Not asked for: the mode is off')]
  const ours = new Set(served.map(({ address }) => address))
  const results: CheckResult[] = []
  // One after the other: the sockets that hear the answers are the same.
  for (const { name, address } of served) results.push(await checkNetwork(mode, name, address, ours, facts))
  return results
}

async function checkNetwork(
  mode: 'auto' | 'proxy' | 'dhcp',
  name: string,
  address: string,
  ours: ReadonlySet<string>,
  facts: DhcpFacts,
): Promise<CheckResult> {
  let servers: string[]
  try {
    servers = (await facts.dhcpServers(address)).map(({ server }) => server).filter((server) => !ours.has(server))
  } catch (error) {
    return notAsked(mode, name, error)
  }
  if (servers.length === 0) {
    if (mode !== 'proxy') return ok(NAME, `Nobody else gives addresses on ${name}`)
    const message = `Nobody gives addresses on ${name}, and the mode is proxy: machines get none`
    return warning(NAME, message, 'Set the mode to auto or dhcp, or switch the DHCP server of this network on.')
  }
  const who = `${servers.join(', ')} gives addresses on ${name}`
  if (mode !== 'dhcp') return ok(NAME, `${who}: boottorrent gives boot files only`)
  return failure(
    NAME,
    'NETWORK_CONFLICT',
    `${who}, and the mode is dhcp: machines would get two answers`,
    'Set the mode to auto or proxy to give boot files only, or switch the other DHCP server off.',
  )
}

/** As `start` takes it: in mode auto it has to know, in the others the user has decided. */
function notAsked(mode: 'auto' | 'proxy' | 'dhcp', name: string, error: unknown): CheckResult {
  if (!(error instanceof BoottorrentError)) throw error
  if (error.code === 'PERMISSION') {
    const message = `Whether somebody else gives addresses on ${name} could not be asked: that needs UDP port 68`
    return warning(NAME, message, `Run it as root: ${hints.asRoot('boottorrent doctor')}`)
  }
  if (mode === 'auto') return failureOf(NAME, error)
  const message = `Whether somebody else gives addresses on ${name} could not be asked: ${error.message}`
  return warning(NAME, message, error.hint ?? '')
}
