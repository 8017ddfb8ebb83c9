/** Whether the firewall of this computer lets in what machines ask for. */
import type { ServedInterface } from '../../environment/index.ts'
import type { Answer } from '../../platform/ask.ts'
import type { Hints, Transport } from '../../platform/index.ts'
import type { WantedPort } from '../ports.ts'
import { type CheckResult, ok, warning } from '../result.ts'
import { readIptables } from './iptables.ts'
import { readNft } from './nft.ts'
import { type Firewall, letsIn } from './rules.ts'

export interface FirewallFacts {
  readonly hints: Hints
  /** What `nft -j list ruleset` and `iptables-save` print. */
  firewallRules(): Promise<{ readonly nft: Answer; readonly iptables: Answer }>
}

const NAME = 'firewall'
const TRANSPORTS: readonly Transport[] = ['udp', 'tcp']

export async function checkFirewall(
  wanted: readonly WantedPort[],
  served: readonly ServedInterface[],
  facts: FirewallFacts,
): Promise<CheckResult[]> {
  const { openPorts } = facts.hints
  if (openPorts !== undefined) {
    const hint = openPorts({ udp: portsOf(wanted, 'udp'), tcp: portsOf(wanted, 'tcp') })
    return [{ ...ok(NAME, 'Not looked at on this system'), hint }]
  }
  const all = TRANSPORTS.map((transport) => `${transport.toUpperCase()} ${portsOf(wanted, transport).join(', ')}`)
  const openAll = `If machines get no answer, let in ${all.join(' and ')}.`
  const { nft, iptables } = await facts.firewallRules()
  if (nft === 'missing' && iptables === 'missing') return [ok(NAME, 'Neither nft nor iptables is installed')]
  if (!isText(nft) && !isText(iptables)) return [warning(NAME, 'This user may not see the firewall', openAll)]
  let firewalls: Firewall[]
  try {
    firewalls = read(nft, iptables)
  } catch {
    return [warning(NAME, 'The rules of the firewall could not be read', openAll)]
  }
  const closed = firewalls.flatMap((firewall) => closedPorts(firewall, wanted, served))
  return closed.length > 0 ? closed : [ok(NAME, 'The firewall lets in what machines ask for')]
}

function read(nft: Answer, iptables: Answer): Firewall[] {
  const byIptables = isText(iptables) ? readIptables(iptables.text) : undefined
  const byNft = isText(nft) ? readNft(nft.text) : []
  if (byIptables === undefined) return byNft
  // Today's iptables keeps its rules in this table of nft, which shows them less well.
  return [byIptables, ...byNft.filter(({ name }) => name !== 'ip filter')]
}

function closedPorts(
  firewall: Firewall,
  wanted: readonly WantedPort[],
  served: readonly ServedInterface[],
): CheckResult[] {
  return TRANSPORTS.flatMap((transport) => {
    const closed = portsOf(wanted, transport).filter(
      (port) => !served.every(({ name }) => letsIn(firewall, transport, port, name)),
    )
    if (closed.length === 0) return []
    const message = `The firewall (${firewall.name}) turns packets away, and no rule was found that lets in ${transport.toUpperCase()} ${closed.join(', ')}`
    return [warning(NAME, message, `Let them in: ${firewall.remedy(transport, closed)}`)]
  })
}

function portsOf(wanted: readonly WantedPort[], transport: Transport): number[] {
  const ports = wanted.filter((one) => one.transport === transport).map(({ port }) => port)
  return [...new Set(ports)].sort((a, b) => a - b)
}

function isText(printed: Answer): printed is { readonly text: string } {
  return typeof printed === 'object'
}
