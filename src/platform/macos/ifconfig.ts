import type { Interfaces } from '../../environment/interfaces.ts'
import type { LinkState } from '../index.ts'

/** An interface as ifconfig(8) shows it. */
export interface ShownInterface {
  readonly name: string
  readonly state: LinkState
  /** In bytes. */
  readonly mtu: number | undefined
  readonly isLoopback: boolean
  readonly addresses: readonly { readonly address: string; readonly netmask: string }[]
}

/**
 * Reads what `ifconfig` or `ifconfig -a` prints: a line `en0: flags=8863<UP,…> mtu 1500` for each interface, and behind it lines
 * that begin with a tab: `inet 192.168.1.5 netmask 0xffffff00 broadcast 192.168.1.255`, `status: inactive`. An interface
 * without a status has no cable.
 */
export function readIfconfig(text: string): ShownInterface[] {
  return text.split(/^(?=\S)/m).flatMap((block) => {
    const [, name, flags = '', mtu] = /^(\S+): flags=[\da-f]+<([^>]*)>(?:.* mtu (\d+))?/.exec(block) ?? []
    if (name === undefined) return []
    const words = flags.split(',')
    const isInactive = /^\s+status: inactive/m.test(block)
    return [
      {
        name,
        state: words.includes('UP') ? (isInactive ? ('unplugged' as const) : ('up' as const)) : ('off' as const),
        mtu: mtu === undefined ? undefined : Number(mtu),
        isLoopback: words.includes('LOOPBACK'),
        addresses: [...block.matchAll(/^\s+inet ([\d.]+)(?: --> [\d.]+)? netmask 0x([\da-f]{8})/gm)].map(
          ([, address = '', mask = '']) => ({ address, netmask: dotted(mask) }),
        ),
      },
    ]
  })
}

/** As node:os would list them. */
export function interfacesOf(shown: readonly ShownInterface[]): Interfaces {
  return Object.fromEntries(
    shown.map(({ name, state, isLoopback, addresses }) => [
      name,
      addresses.map((address) => ({
        ...address,
        family: 'IPv4' as const,
        internal: isLoopback,
        unplugged: state === 'unplugged',
      })),
    ]),
  )
}

/** `ffffff00` → `255.255.255.0` */
function dotted(mask: string): string {
  return (mask.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.')
}
