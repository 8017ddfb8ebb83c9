import { isIPv4 } from 'node:net'
import { faultOfAnnounceUrl, isAnnounceUrl } from './announce-url.ts'
import { quoted } from './problems.ts'
import { scalar, type Type, Wrong } from './schema.ts'

/** Addresses to give away, as the user wrote them. */
export interface Range {
  readonly first: string
  readonly last: string
  readonly netmask: string | undefined
}

/** What dnsmasq's dhcp-range says. */
export type DnsmasqRange =
  | { readonly kind: 'pool'; readonly range: Range; readonly lease: number | undefined }
  | { readonly kind: 'proxy' }

/** The address of one machine. */
export const ipv4: Type<string> = scalar('an IPv4 address like 192.168.1.1', (text) => {
  const address = text.trim()
  if (!isIPv4(address)) return new Wrong()
  const first = Number(address.split('.')[0])
  if (first === 0 || first >= 224) {
    return new Wrong(
      `${address} cannot be the address of a machine`,
      'Write the address of one machine, like 192.168.1.1.',
    )
  }
  return address
})

/** Where a tracker is asked. */
export const announceUrl: Type<string> = scalar(
  'the announce URL of a tracker like http://192.168.1.2:6969/announce',
  (text) => {
    const url = text.trim()
    if (isAnnounceUrl(url)) return url
    const fault = faultOfAnnounceUrl(url)
    return fault === undefined ? new Wrong() : new Wrong(`${quoted(url)} ${fault.what}`, fault.hint)
  },
)

/** Seconds, or a number with a unit; `infinite` becomes Infinity. Two minutes are the least that dnsmasq allowed as well. */
export const leaseTime: Type<number> = scalar('a lease time like 12h, 30m, 3600 (seconds) or infinite', parseLease)

/** `first,last[,netmask]`, or `first-last`. */
export const range: Type<Range> = scalar('a range of addresses like 192.168.1.50,192.168.1.150', (text) => {
  const parts = partsOf(text.includes(',') ? text : text.replace('-', ','))
  const lease = parts.find((part) => !isIPv4(part) && !(parseLease(part) instanceof Wrong))
  if (lease !== undefined)
    return new Wrong(`a range has no lease time (${quoted(lease)})`, `Write "lease: ${lease}" in its own line.`)
  if (parts[1] === 'proxy')
    return new Wrong('a range is not where proxy mode is chosen', 'Write "mode: proxy" in its own line.')
  const [first, last, netmask, ...rest] = parts
  if (first === undefined || last === undefined || rest.length > 0) return new Wrong()
  return rangeOf(first, last, netmask)
})

/** dnsmasq's dhcp-range: `first,last[,netmask[,broadcast]][,lease]`, or `network,proxy[,netmask]`. */
export const dnsmasqRange: Type<DnsmasqRange> = scalar(
  'a range like "192.168.1.50,192.168.1.150,12h" or "192.168.1.0,proxy"',
  (text) => {
    const [first, second, ...rest] = partsOf(text)
    if (first === undefined || second === undefined) return new Wrong()
    if (second === 'proxy') return isIPv4(first) ? { kind: 'proxy' } : notAnAddress(first)
    if (second === 'static') {
      return new Wrong(
        '"static" ranges are not supported',
        'Write a range, and give machines their addresses in machines: (version 1).',
      )
    }
    const addresses = rest.filter((part) => isIPv4(part))
    const others = rest.filter((part) => !isIPv4(part))
    if (addresses.length > 2 || others.length > 1) return new Wrong()
    const found = rangeOf(first, second, addresses[0])
    if (found instanceof Wrong) return found
    const lease = others[0] === undefined ? undefined : parseLease(others[0])
    if (lease instanceof Wrong) {
      return new Wrong(
        `${quoted(others[0] ?? '')} is neither a netmask nor a lease time`,
        'Write a lease time like 12h, 30m, 3600 or infinite.',
      )
    }
    return { kind: 'pool', range: found, lease }
  },
)

/** A MAC address, as `52:54:00:12:34:56` whichever way it was written. */
export const mac: Type<string> = scalar('a MAC address like 52:54:00:12:34:56', (text) => {
  const digits = text.trim().toLowerCase().replaceAll(/[:.-]/g, '')
  if (!/^[0-9a-f]{12}$/.test(digits)) return new Wrong()
  if (digits === '000000000000' || Number.parseInt(digits.slice(0, 2), 16) % 2 === 1) {
    return new Wrong(
      `${quoted(text.trim())} is not the address of one network card`,
      'Write the MAC address as the firmware shows it.',
    )
  }
  return digits.match(/../g)?.join(':') ?? digits
})

/** The UUID that firmware sends (RFC 4578, option 97), in lower case. */
export const uuid: Type<string> = scalar('a UUID like 4c4c4544-0042-3510-8052-b4c04f4d3732', (text) => {
  const word = text.trim().toLowerCase()
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(word) ? word : new Wrong()
})

/** A host name of RFC 1123: labels of letters, digits and hyphens. */
export const hostname: Type<string> = scalar('a host name of letters, digits and hyphens', parseName)

/** The domain that machines are told to be in, written like a host name. */
export const domainName: Type<string> = scalar('a domain name like lab.example', parseName)

/** The address as a number, for comparisons. */
export function numberOf(address: string): number {
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0)
}

/** The network of an interface, as `192.168.1.0/255.255.255.0`. */
export function networkOf({ address, netmask }: { readonly address: string; readonly netmask: string }): string {
  const mask = netmask.split('.').map(Number)
  const network = address.split('.').map((byte, index) => Number(byte) & (mask[index] ?? 0))
  return `${network.join('.')}/${netmask}`
}

function parseName(text: string): string | Wrong {
  const name = text.trim()
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  return name.length <= 253 && new RegExp(`^${label}(\\.${label})*$`, 'i').test(name) ? name : new Wrong()
}

function parseLease(text: string): number | Wrong {
  const word = text.trim().toLowerCase()
  if (word === 'infinite') return Number.POSITIVE_INFINITY
  const [, amount, unit = 's'] = /^(\d{1,9})([smhdw])?$/.exec(word) ?? []
  if (amount === undefined) return new Wrong()
  const seconds = Number(amount) * { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[unit as 's' | 'm' | 'h' | 'd' | 'w']
  if (seconds < 120) return new Wrong('a lease lasts at least two minutes', 'Write a lease time like 12h or 30m.')
  // RFC 2131 counts in 32 bits, all of them set meaning for ever.
  return seconds >= 0xffffffff ? Number.POSITIVE_INFINITY : seconds
}

function rangeOf(first: string, last: string, netmask: string | undefined): Range | Wrong {
  for (const address of [first, last]) if (!isIPv4(address)) return notAnAddress(address)
  if (numberOf(first) > numberOf(last)) return new Wrong('the range ends before it begins', `Write ${last},${first}.`)
  if (netmask === undefined) return { first, last, netmask }
  if (!isNetmask(netmask))
    return new Wrong(`${quoted(netmask)} is not a netmask`, 'Write a netmask like 255.255.255.0.')
  const hosts = 2 ** 32 - numberOf(netmask)
  if (Math.floor(numberOf(first) / hosts) !== Math.floor(numberOf(last) / hosts)) {
    return new Wrong(
      `${first} and ${last} are not in one network with the netmask ${netmask}`,
      'Correct the addresses or the netmask.',
    )
  }
  return { first, last, netmask }
}

function isNetmask(text: string): boolean {
  if (!isIPv4(text)) return false
  const hosts = 2 ** 32 - numberOf(text)
  return hosts > 1 && hosts < 2 ** 32 && Number.isInteger(Math.log2(hosts))
}

function notAnAddress(text: string): Wrong {
  return new Wrong(`${quoted(text)} is not an IPv4 address`, 'Write addresses like 192.168.1.50.')
}

function partsOf(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}
