/** Reads the table `filter` of what `iptables-save` prints (iptables-extensions(8)); as coarse as {@link readNft}. */
import type { Transport } from '../../platform/index.ts'
import { everyPort, type Firewall, isForOthers, type Opening, type PortRange } from './rules.ts'

/** Undefined when there is no table `filter`: then iptables filters nothing. */
export function readIptables(text: string): Firewall | undefined {
  const start = text.split('\n').indexOf('*filter')
  if (start < 0) return undefined
  const lines = text.split('\n').slice(start)
  const filter = lines.slice(0, lines.indexOf('COMMIT'))
  const rules = filter.filter((line) => line.startsWith('-A ')).map((line) => line.split(/\s+/))
  const hasUfw = filter.some((line) => line.startsWith(':ufw-user-input '))
  return {
    name: hasUfw ? 'ufw' : 'iptables',
    rejects: filter.some((line) => line.startsWith(':INPUT DROP')) || rules.some(turnsAllAway),
    openings: rules.flatMap(openingOf),
    remedy: (transport, ports) =>
      hasUfw
        ? `ufw allow ${ports.join(',')}/${transport}`
        : `iptables -I INPUT -p ${transport} -m multiport --dports ${ports.join(',')} -j ACCEPT`,
  }
}

function turnsAllAway([, chain, ...words]: readonly string[]): boolean {
  return chain === 'INPUT' && words[0] === '-j' && (words[1] === 'DROP' || words[1] === 'REJECT')
}

/** Options that say no more than what is read of them anyway, with a word behind each. */
const HARMLESS = ['-A', '-j', '-i', '-m', '-p', '--comment']

function openingOf(words: readonly string[]): Opening[] {
  const wordBehind = (option: string) => {
    const at = words.indexOf(option)
    return at < 0 ? undefined : words[at + 1]
  }
  const chain = wordBehind('-A') ?? ''
  if (wordBehind('-j') !== 'ACCEPT' || words.includes('!') || isForOthers(chain)) return []
  const ports = wordBehind('--dport') ?? wordBehind('--dports')
  const transport = wordBehind('-p')
  // Without a port it is a rule for something else, unless it asks for nothing but protocol and interface.
  const asksForMore = words.some((word) => word.startsWith('-') && !HARMLESS.includes(word))
  if (ports === undefined && asksForMore) return []
  if (transport !== undefined && !isTransport(transport)) return []
  const from = wordBehind('-i')
  // What such a rule lets in in a chain of its own depends on who jumps there.
  if (ports === undefined && from === undefined && chain !== 'INPUT') return []
  return [
    {
      transport,
      ports: ports === undefined ? everyPort : ports.split(',').map(rangeOf),
      interfaces: from === undefined ? undefined : [from],
    },
  ]
}

/** `6881` or `6881:6890`. */
function rangeOf(text: string): PortRange {
  const [first = '', last = first] = text.split(':')
  return { first: Number(first), last: Number(last) }
}

function isTransport(text: string): text is Transport {
  return text === 'udp' || text === 'tcp'
}
