import { readFile } from 'node:fs/promises'
import type { InterfaceAddress, Interfaces } from '../../environment/interfaces.ts'
import { ask } from '../ask.ts'
import type { LinkState } from '../index.ts'

/** Those without an address or carrier, from tables of the kernel. On systems without these tables there are none. */
export async function otherInterfaces(): Promise<Interfaces> {
  const tables = ['/proc/net/dev', '/proc/net/route', '/proc/net/fib_trie']
  const [devices = '', routes = '', trie = ''] = await Promise.all(tables.map(readOrNothing))
  return { ...interfacesWithoutAddress(devices), ...unpluggedInterfaces(routes, trie) }
}

/** Flags of a network device as netdevice(7) names them: LOWER_UP means that there is a carrier. */
export async function linkState(name: string): Promise<LinkState | undefined> {
  const shown = await ask('ip', '-j', 'link', 'show', 'dev', name)
  if (typeof shown !== 'object') return undefined
  const [link] = JSON.parse(shown.text) as { flags?: string[] }[]
  if (link?.flags === undefined) return undefined
  if (!link.flags.includes('UP')) return 'off'
  return link.flags.includes('LOWER_UP') ? 'up' : 'unplugged'
}

export async function mtuOf(name: string): Promise<number | undefined> {
  const mtu = Number(await readOrNothing(`/sys/class/net/${name}/mtu`))
  return mtu > 0 ? mtu : undefined
}

/** Every interface there is, also those that are switched off. Lines of /proc/net/dev: name, colon, numbers. */
export function interfacesWithoutAddress(devices: string): Interfaces {
  const names = [...devices.matchAll(/^\s*([^\s:|]+(?::[^\s:]+)?):/gm)].map(([, name = '']) => name)
  return Object.fromEntries(names.map((name) => [name, []]))
}

/**
 * The IPv4 addresses of all interfaces that are up, from Linux's tables: `/proc/net/route` knows which network is at which
 * interface, `/proc/net/fib_trie` which addresses are this computer's own.
 */
export function unpluggedInterfaces(routes: string, trie: string): Interfaces {
  const own = [...new Set([...trie.matchAll(/\|-- ([\d.]+)\s+\/32 host LOCAL/g)].map(([, address]) => address ?? ''))]
  const found: Record<string, InterfaceAddress[]> = {}
  for (const { name, network, netmask } of connectedNetworks(routes)) {
    const addresses = own.filter((address) => (bits(address) & bits(netmask)) === bits(network))
    const known = addresses.map((address) => ({
      family: 'IPv4' as const,
      address,
      netmask,
      internal: false,
      unplugged: true,
    }))
    found[name] = [...(found[name] ?? []), ...known]
  }
  return found
}

const RTF_UP = 0x1
const RTF_GATEWAY = 0x2

/** Lines of /proc/net/route: name, destination, gateway, flags, …, mask in the eighth column; numbers in hexadecimal. */
function connectedNetworks(routes: string): { name: string; network: string; netmask: string }[] {
  return routes.split('\n').flatMap((line) => {
    const [name, destination, , flags, , , , mask] = line.split(/\s+/)
    if (!name || !isHex(destination) || !isHex(mask) || !isHex(flags)) return []
    const flagBits = Number.parseInt(flags, 16)
    if ((flagBits & RTF_UP) === 0 || (flagBits & RTF_GATEWAY) !== 0 || mask === '00000000') return []
    return [{ name, network: addressOf(destination), netmask: addressOf(mask) }]
  })
}

/** The kernel prints the four bytes of an address as one number in its own byte order, which is little-endian wherever Node runs but on s390x. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))
  return bytes.reverse().join('.')
}

function bits(address: string): number {
  return address.split('.').reduce((number, byte) => (number << 8) | Number(byte), 0)
}

function isHex(text: string | undefined): text is string {
  return text !== undefined && /^[0-9A-F]+$/i.test(text)
}

async function readOrNothing(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
