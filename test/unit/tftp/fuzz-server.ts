/** Random and hostile datagrams over real sockets: to the server's port and to the ports of running transfers. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { encodePacket, type Option } from '../../../src/tftp/index.ts'
import { fuzzedPacket } from './fuzz.ts'
import { randomBytes } from './random.ts'

/** Names of things that are not in the table, or should not be read by anybody. */
const hostileNames = [
  '',
  '.',
  '/',
  '//served',
  '../../etc/passwd',
  '..\\..\\boot.ini',
  'C:\\served',
  '/dev/zero',
  'NUL',
  'con',
  'bööt',
  '\u202eevres',
  'served\n\u001b[2J',
  'x'.repeat(400),
  '__proto__',
  '%s%n',
]

const optionNames = ['blksize', 'BLKSIZE', 'windowsize', 'tsize', 'timeout', 'multicast', 'constructor', '']
const optionValues = [
  '0',
  '1',
  '7',
  '8',
  '512',
  '1468',
  '65464',
  '65465',
  '65535',
  '-1',
  '1e3',
  '',
  ' 8',
  '9'.repeat(30),
]

export interface Attackers extends AsyncDisposable {
  /** Sends this many datagrams; resolves when all have left. */
  send(count: number): Promise<void>
  /** What of each kind was sent. */
  readonly sent: { readonly [kind: string]: number }
}

export interface AttackOptions {
  readonly random: () => number
  /** Port of the server, on the loopback address. */
  readonly port: number
  /** Names in its table. */
  readonly names: readonly string[]
  readonly count: number
}

/** Opens `count` sockets with addresses of their own, which remember the ports of transfers that answered them. */
export async function openAttackers({ random, port, names, count }: AttackOptions): Promise<Attackers> {
  const below = (limit: number) => Math.floor(random() * limit)
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const transfers: number[] = []
  const sent: Record<string, number> = {}
  const sockets = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const socket = createSocket('udp4')
      // A transfer that has ended has closed its port.
      socket.on('error', () => {})
      socket.on('message', (_bytes, from) => {
        if (from.port === port) return
        transfers.push(from.port)
        if (transfers.length > 64) transfers.shift()
      })
      socket.bind(0, `127.0.3.${index + 1}`)
      await once(socket, 'listening')
      return socket
    }),
  )

  const options = (): Option[] =>
    Array.from({ length: below(6) }, () => ({ name: oneOf(optionNames), value: oneOf(optionValues) }))
  const request = (kind: 'RRQ' | 'WRQ', file: string) =>
    encodePacket({ kind, file, mode: oneOf(['octet', 'octet', 'OCTET', 'netascii', 'mail', '']), options: options() })

  const towardsServer: Record<string, () => Buffer> = {
    'almost nothing': () => randomBytes(random, below(4)),
    'a damaged request': () => fuzzedPacket(random),
    'a hostile name': () => request('RRQ', oneOf(hostileNames)),
    'hostile options': () => request('RRQ', oneOf(names)),
    'a write': () => request('WRQ', oneOf([...names, ...hostileNames])),
    'a request without an end': () => request('RRQ', oneOf(names)).subarray(0, 2 + below(12)),
  }
  const towardsTransfer: Record<string, () => Buffer> = {
    'almost nothing to a transfer': () => randomBytes(random, below(4)),
    'an ACK': () => encodePacket({ kind: 'ACK', block: below(below(2) === 0 ? 4 : 65536) }),
    'an ERROR': () => encodePacket({ kind: 'ERROR', code: below(10), message: oneOf(hostileNames) }),
    DATA: () => encodePacket({ kind: 'DATA', block: below(4), data: randomBytes(random, below(600)) }),
    'a request to a transfer': () => request('RRQ', oneOf(names)),
    'noise to a transfer': () => randomBytes(random, below(80)),
  }

  function sendOne(socket: Socket, last: boolean): Promise<void> {
    const [table, target] =
      transfers.length > 0 && below(2) === 0 ? [towardsTransfer, oneOf(transfers)] : [towardsServer, port]
    const kind = oneOf(Object.keys(table))
    sent[kind] = (sent[kind] ?? 0) + 1
    const bytes = table[kind]?.() as Buffer
    if (!last) {
      socket.send(bytes, target, '127.0.0.1')
      return Promise.resolve()
    }
    return new Promise((resolve) => socket.send(bytes, target, '127.0.0.1', () => resolve()))
  }

  return {
    sent,
    async send(count) {
      for (let done = 1; done <= count; done += 1) {
        // The server shares this process: without turns of its own its receive buffer would overflow.
        await sendOne(oneOf(sockets), done % 20 === 0 || done === count)
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(resolve))))
    },
  }
}
