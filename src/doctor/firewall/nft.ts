/**
 * Reads what `nft -j list ruleset` prints (libnftables-json(5)), one firewall for each table. Coarse: the order of rules and
 * what else they ask for (states, senders) are left out of account, so that no port counts as closed which may be open.
 */
import type { Transport } from '../../platform/index.ts'
import { everyPort, type Firewall, isForOthers, type Opening, type PortRange } from './rules.ts'

interface Entry {
  readonly chain?: { family: string; table: string; name: string; hook?: string; policy?: string }
  readonly rule?: { family: string; table: string; chain: string; expr?: readonly Statement[] }
  readonly set?: { family: string; table: string; name: string; elem?: readonly unknown[] }
}

type Statement = Readonly<Record<string, unknown>>

interface Match {
  readonly op: string
  readonly left: {
    readonly payload?: { readonly protocol?: string; readonly field?: string }
    readonly meta?: { readonly key?: string }
  }
  readonly right: unknown
}

type Sets = ReadonlyMap<string, readonly unknown[]>

/** @throws when it is not what nft prints */
export function readNft(text: string): Firewall[] {
  const { nftables } = JSON.parse(text) as { nftables: readonly Entry[] }
  // Other families see other packets: bridges, IPv6.
  const tables = new Set(nftables.flatMap(({ chain }) => (isOurs(chain) ? [`${chain.family} ${chain.table}`] : [])))
  return [...tables].map((name) => readTable(name, nftables))
}

function isOurs(chain: Entry['chain']): chain is NonNullable<Entry['chain']> {
  return chain !== undefined && chain.hook === 'input' && (chain.family === 'ip' || chain.family === 'inet')
}

function readTable(name: string, entries: readonly Entry[]): Firewall {
  const inTable = (one?: { family: string; table: string }) => `${one?.family} ${one?.table}` === name
  const inputs = entries.flatMap(({ chain }) => (isOurs(chain) && inTable(chain) ? [chain] : []))
  const rules = entries.flatMap(({ rule }) => (rule && inTable(rule) ? [rule] : []))
  const sets = new Map(entries.flatMap(({ set }) => (set && inTable(set) ? [[set.name, set.elem ?? []]] : [])))
  const isInput = (chain: string) => inputs.some((input) => input.name === chain)
  return {
    name,
    rejects:
      inputs.some(({ policy }) => policy === 'drop') ||
      rules.some(({ chain, expr = [] }) => isInput(chain) && turnsAllAway(expr)),
    openings: rules
      .filter(({ chain }) => !isForOthers(chain))
      .flatMap(({ chain, expr = [] }) => {
        const opening = openingOf(expr, sets)
        // What such a rule lets in in a chain of its own depends on who jumps there; firewalld has them for trusted networks.
        const isWhole = opening?.ports === everyPort && opening.interfaces === undefined
        const counts = !isWhole || isInput(chain) || name.endsWith(' firewalld')
        return opening && counts ? [opening] : []
      }),
    remedy: (transport, ports) => remedy(name, inputs[0]?.name ?? 'input', transport, ports),
  }
}

function turnsAllAway(expr: readonly Statement[]): boolean {
  const isConditional = expr.some((statement) => 'match' in statement || 'xt' in statement)
  return !isConditional && expr.some((statement) => 'drop' in statement || 'reject' in statement)
}

/** Undefined when the rule lets in nothing that could be understood. */
function openingOf(expr: readonly Statement[], sets: Sets): Opening | undefined {
  if (!expr.some((statement) => 'accept' in statement) || expr.some((statement) => 'xt' in statement)) return undefined
  const matches = expr.flatMap((statement) => ('match' in statement ? [statement.match as Match] : []))
  const ports = matches.find(({ left }) => left.payload?.field === 'dport')
  const from = matches.find(({ left }) => left.meta?.key === 'iifname' || left.meta?.key === 'iif')
  if (ports?.op === '!=' || from?.op === '!=') return undefined
  // Without a port it is a rule for something else, unless it asks for nothing but the interface.
  if (ports === undefined && matches.some((match) => match !== from)) return undefined
  return {
    transport: ports === undefined ? undefined : transportOf(ports),
    ports: ports === undefined ? everyPort : elementsOf(ports.right, sets).flatMap(rangeOf),
    interfaces: from === undefined ? undefined : elementsOf(from.right, sets).filter(isText),
  }
}

/** `th dport` is that of any protocol. */
function transportOf({ left }: Match): Transport | undefined {
  const protocol = left.payload?.protocol
  return protocol === 'udp' || protocol === 'tcp' ? protocol : undefined
}

/** The elements of a set, a named set (`@ports`), or the one value itself. */
function elementsOf(right: unknown, sets: Sets): readonly unknown[] {
  if (isText(right) && right.startsWith('@')) return sets.get(right.slice(1)) ?? []
  if (isObject(right) && Array.isArray(right.set)) return right.set
  return [right]
}

function rangeOf(element: unknown): PortRange[] {
  if (typeof element === 'number') return [{ first: element, last: element }]
  if (!isObject(element)) return []
  // An element with a comment, counter or time limit.
  if (isObject(element.elem)) return rangeOf(element.elem.val)
  const [first, last] = Array.isArray(element.range) ? element.range : []
  return typeof first === 'number' && typeof last === 'number' ? [{ first, last }] : []
}

function remedy(table: string, chain: string, transport: Transport, ports: readonly number[]): string {
  if (table.endsWith(' firewalld')) {
    const added = ports.map((port) => `--add-port=${port}/${transport}`).join(' ')
    return `firewall-cmd --permanent ${added} && firewall-cmd --reload`
  }
  return `nft insert rule ${table} ${chain} ${transport} dport '{ ${ports.join(', ')} }' accept`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
