/** One packet of every kind of strange input that a DHCP server meets, made anew for every number. */
import { parseAddress } from '../../../src/dhcp/address.ts'

/** A whole number from 0 up to `limit`, without it. */
export type Below = (limit: number) => number

type Options = readonly (readonly [code: number, data: ArrayLike<number>])[]

interface Fields {
  op?: number
  htype?: number
  hlen?: number
  hops?: number
  secs?: number
  flags?: number
  ciaddr?: string
  giaddr?: string
  cookie?: number[]
}

/** Where a relay agent of the test is, and the server. */
export interface Places {
  readonly relay: string
  readonly server: string
}

const TYPES = [1, 3, 4, 7, 8]
const NAMES = [
  'pc\0-01',
  'a\u001b[31mb',
  'a\nb',
  '../../etc/passwd',
  '<img src=x onerror=alert(1)>',
  'ü'.repeat(200),
  '',
]
const ALL_CODES = Array.from({ length: 256 }, (_, code) => code)

/** Every class, by the words of whoever reads the failure. */
export function inputClasses({ relay, server }: Places): Record<string, (below: Below) => Uint8Array> {
  const packet = (below: Below, options: readonly number[], fields: Fields = {}): Uint8Array => {
    const bytes = new Uint8Array(240 + options.length)
    const view = new DataView(bytes.buffer)
    const { op = 1, htype = 1, hlen = 6, hops = 1, secs = 0, flags = 0, cookie = [99, 130, 83, 99] } = fields
    bytes.set([op, htype, hlen, hops])
    view.setUint32(4, below(2 ** 32))
    view.setUint16(8, secs)
    view.setUint16(10, flags)
    view.setUint32(12, parseAddress(fields.ciaddr ?? '0.0.0.0') ?? 0)
    view.setUint32(24, parseAddress(fields.giaddr ?? relay) ?? 0)
    bytes.set([0x52, 0x56, below(256), below(256), below(256), below(256)], 28)
    bytes.set(cookie, 236)
    bytes.set(options, 240)
    return bytes
  }
  const list = (below: Below, options: Options = []): number[] => [
    ...[53, 1, TYPES[below(TYPES.length)] ?? 1],
    ...options.flatMap(([code, data]) => [code, data.length, ...Array.from(data)]),
    255,
  ]
  const noise = (below: Below, length: number) => Array.from({ length }, () => below(256))
  const text = (below: Below) => Buffer.from(NAMES[below(NAMES.length)] ?? '').subarray(0, 255)

  return {
    'cut off at any byte': (below) => {
      const whole = packet(below, list(below, [[12, noise(below, 20)]]))
      return whole.subarray(0, below(whole.length + 1))
    },
    'a length past the end': (below) => packet(below, [...list(below).slice(0, -1), below(255), 1 + below(255)]),
    'typed options of no length': (below) =>
      packet(
        below,
        list(
          below,
          [50, 51, 54, 55, 57, 60, 61, 77, 82, 93, 94, 97].map((code) => [code, []]),
        ),
      ),
    'typed options of the wrong length': (below) =>
      packet(
        below,
        list(
          below,
          [50, 51, 54, 57, 93, 94, 97].map((code) => [code, noise(below, below(20))]),
        ),
      ),
    'runs of padding and no end': (below) =>
      packet(below, [...list(below).slice(0, -1), ...new Array(below(500)).fill(0)]),
    'the same option again and again': (below) =>
      packet(
        below,
        list(
          below,
          Array.from({ length: 1 + below(100) }, () => [12, noise(below, below(8))] as const),
        ),
      ),
    'an option longer than 255 bytes': (below) =>
      packet(
        below,
        list(
          below,
          Array.from({ length: 4 }, () => [61, noise(below, 255)] as const),
        ),
      ),
    'overloaded fields': (below) => {
      const bytes = packet(below, [...list(below).slice(0, -1), 52, 1, below(5), 255])
      bytes.set(noise(below, 192), 44)
      return bytes
    },
    'hardware addresses of any length': (below) =>
      packet(below, list(below), { hlen: [0, 1, 5, 7, 16, 17, 255][below(7)] ?? 0 }),
    'other hardware': (below) => packet(below, list(below), { htype: below(256) }),
    'strange relay agents': (below) => {
      const addresses = [server, '0.0.0.0', '224.0.0.1', '255.255.255.255', '0.0.0.1', '127.255.255.255', '8.8.8.8']
      return packet(below, list(below), { giaddr: addresses[below(addresses.length)] ?? server })
    },
    'strange addresses of clients': (below) => {
      const addresses = [server, '224.0.0.1', '255.255.255.255', '127.0.0.0', '10.0.0.1', `127.0.9.${below(256)}`]
      const address = addresses[below(addresses.length)] ?? server
      return packet(
        below,
        list(below, [
          [50, noise(below, 4)],
          [54, noise(below, 4)],
        ]),
        { ciaddr: address },
      )
    },
    'relay information inside relay information': (below) =>
      packet(below, list(below, [[82, [82, 4, 82, 2, 1, 0, ...noise(below, below(40))]]])),
    'client identifiers of any length': (below) => packet(below, list(below, [[61, noise(below, below(256))]])),
    'host names that are none': (below) =>
      packet(
        below,
        list(below, [
          [12, text(below)],
          [60, text(below)],
          [67, text(below)],
        ]),
      ),
    'every option asked for, twice': (below) =>
      packet(
        below,
        list(below, [
          [55, ALL_CODES.slice(1)],
          [55, ALL_CODES.slice(0, 255)],
        ]),
      ),
    'a tiny packet asked for': (below) =>
      packet(
        below,
        list(below, [
          [57, [0, below(256)]],
          [60, Buffer.from('PXEClient')],
        ]),
      ),
    'firmware of any kind': (below) =>
      packet(
        below,
        list(below, [
          [60, Buffer.from('PXEClient:Arch:00007')],
          [93, noise(below, below(6))],
          [97, noise(below, below(20))],
        ]),
      ),
    'answers instead of questions': (below) => packet(below, list(below), { op: 2 }),
    'another op': (below) => packet(below, list(below), { op: below(256) }),
    'another cookie': (below) => packet(below, list(below), { cookie: noise(below, 4) }),
    'message types that are none': (below) => packet(below, [53, 1, below(256), 255]),
    'no message type': (below) => packet(below, [255]),
    'all fields at their edges': (below) =>
      packet(below, list(below), { hops: [0, 16, 17, 255][below(4)] ?? 0, secs: 65_535, flags: 65_535 }),
    'noise of any size': (below) => Uint8Array.from(noise(below, below(2_000))),
    'noise as options': (below) => packet(below, noise(below, below(1_200))),
    'the largest packet': (below) =>
      packet(
        below,
        list(
          below,
          Array.from({ length: 200 }, () => [43, noise(below, 255)] as const),
        ),
      ),
  }
}
