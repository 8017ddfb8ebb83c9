import type { NetworkInterfaceInfo } from 'node:os'
import { BoottorrentError } from '../errors.ts'
import { hints } from '../platform/index.ts'
import { nearest } from './nearest.ts'

/** The interface that is served, with the one address of this host on it that machines are told. */
export interface ServedInterface {
  /** As `eth0`. */
  readonly name: string
  /** IPv4. */
  readonly address: string
  /** As `255.255.255.0`. */
  readonly netmask: string
}

/** The addresses of each interface by its name, as node:os's networkInterfaces() has them. */
export type Interfaces = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>

export interface InterfaceAddress extends Pick<NetworkInterfaceInfo, 'address' | 'netmask' | 'internal' | 'family'> {
  /** True when there is nobody at the other end of the cable yet. */
  readonly unplugged?: boolean
}

/** What the user said about it. */
export interface WantedInterface {
  readonly interface?: string | undefined
  readonly hostIp?: string | undefined
}

/** Interfaces that container engines, virtual machines and tunnels make. No classroom hangs on them. */
const VIRTUAL =
  /^(docker|veth|virbr|vnet|vmnet|vboxnet|br-[0-9a-f]{12}|cni|flannel|cali|lxc|lxdbr|podman|tun|tap|utun|wg|tailscale|zt|ppp|awdl|llw|bridge1|vEthernet)/

/**
 * The interface to serve: the one the user named, the one with the address the user named, or the only sensible one.
 *
 * @throws BoottorrentError INTERFACE when there is none, or when there are several; the hint lists the choices
 */
export function chooseInterface(interfaces: Interfaces, wanted: WantedInterface = {}): ServedInterface {
  const all = ipv4Interfaces(interfaces)
  if (wanted.interface !== undefined) return named(all, interfaces, wanted.interface, wanted.hostIp)
  if (wanted.hostIp !== undefined) return withAddress(all, wanted.hostIp)
  const choices = sensibleInterfaces(interfaces)
  const [only] = choices
  if (only === undefined) {
    throw new BoottorrentError('INTERFACE', 'No network interface of this computer has an IPv4 address.', {
      hint: `Connect it to the network and give the interface an address, for example: ${hints.addAddress('192.168.1.1', 24, 'eth0')}`,
    })
  }
  if (choices.length > 1) {
    throw new BoottorrentError('INTERFACE', 'This computer has several network interfaces that could be served.', {
      hint: `Choose one in Boottorrent.yaml or with --interface: ${list(choices)}.`,
    })
  }
  return only
}

/** The interfaces that a person would consider, one entry for each, without loopback and what only programs use. */
export function sensibleInterfaces(interfaces: Interfaces): ServedInterface[] {
  const all = ipv4Interfaces(interfaces).filter(({ internal }) => !internal)
  const first = all.filter((one, index) => all.findIndex(({ name }) => name === one.name) === index)
  const real = first.filter(({ name, address }) => !VIRTUAL.test(name) && !address.startsWith('169.254.'))
  const plugged = real.filter(({ unplugged }) => !unplugged)
  const best = [plugged, real, first].find((some) => some.length > 0) ?? []
  return best.map(served)
}

interface Candidate extends ServedInterface {
  readonly internal: boolean
  readonly unplugged: boolean
}

function ipv4Interfaces(interfaces: Interfaces): Candidate[] {
  return Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, netmask, internal, unplugged = false }) => ({ name, address, netmask, internal, unplugged })),
  )
}

function named(
  all: readonly Candidate[],
  interfaces: Interfaces,
  name: string,
  address: string | undefined,
): ServedInterface {
  const own = all.filter((candidate) => candidate.name === name)
  const [first] = own
  if (first === undefined) {
    if (Object.hasOwn(interfaces, name)) {
      throw new BoottorrentError('INTERFACE', `The network interface ${name} has no IPv4 address.`, {
        hint: `Give it one, for example: ${hints.addAddress(address ?? '192.168.1.1', 24, name)}`,
      })
    }
    const guess = nearest(name, Object.keys(interfaces))
    throw new BoottorrentError('INTERFACE', `There is no network interface ${name} with an address on this computer.`, {
      hint: guess
        ? `Did you mean ${guess}?`
        : `Bring it up and give it an address, or choose one with --interface: ${list(all)}.`,
    })
  }
  if (address === undefined) return served(first)
  const match = own.find((candidate) => candidate.address === address)
  if (match) return served(match)
  throw new BoottorrentError('INTERFACE', `The network interface ${name} does not have the address ${address}.`, {
    hint: `Correct host_ip (${name} has ${own.map((one) => one.address).join(', ')}), or add the address: ${hints.addAddress(address, 24, name)}`,
  })
}

function withAddress(all: readonly Candidate[], address: string): ServedInterface {
  const match = all.find((candidate) => candidate.address === address)
  if (match) return served(match)
  throw new BoottorrentError('INTERFACE', `No network interface of this computer has the address ${address}.`, {
    hint: `Correct host_ip; the addresses here are ${list(all)}.`,
  })
}

function served({ name, address, netmask }: ServedInterface): ServedInterface {
  return { name, address, netmask }
}

function list(choices: readonly ServedInterface[]): string {
  return choices.length === 0 ? 'none' : choices.map(({ name, address }) => `${name} (${address})`).join(', ')
}
