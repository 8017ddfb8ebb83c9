/** Seeded mutation of real packets: no bytes whatever make the codec or the policies throw, and no answer breaks a rule. */
import { describe, expect, test } from 'vitest'
import { describeClient, replyLimit } from '../../../src/dhcp/client.ts'
import { type DhcpPacket, decode, encode } from '../../../src/dhcp/packet.ts'
import { summary } from '../../../src/dhcp/summary.ts'
import { fuzzSettings, tellingCase } from '../fuzz-settings.ts'
import { LAN, POOL, testServer, UNICAST } from './build.ts'
import { mutate, seededRandom } from './mutate.ts'
import { capturedDhcp } from './pcap.ts'

const { cases: CASES, seeds: SEEDS } = fuzzSettings({ cases: 5_000, seeds: [1, 2018, 0xc0ffee] })

const real = capturedDhcp().map(({ payload }) => payload)

/** The only places that answers may go to, and the only addresses that may be given. */
const TARGETS = /^(255\.255\.255\.255|172\.30\.0\.\d+|10\.1\.0\.\d+)$/
/** A proxy also answers relay agents of private networks that it does not know. */
const RELAYS = /^(255\.255\.255\.255|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+)$/
const GIVEN = /^(0\.0\.0\.0|172\.30\.0\.10[0-3]|10\.1\.0\.(1\d|20))$/

describe.each(SEEDS)('seed %i', (seed) => {
  test('the codec answers everything, and what it reads it can write', () => {
    const random = seededRandom(seed)
    let readable = 0
    for (let index = 0; index < CASES; index++) {
      const bytes = mutate(real, random)
      tellingCase(bytes, () => {
        const { packet } = decode(bytes)
        if (packet === undefined) return
        readable += 1
        const line = summary(packet)
        check(!/\p{C}/u.test(line), 'the summary has a control character')
        describeClient(packet)
        expectSame(decode(encode(packet).bytes).packet, packet)
        const limit = replyLimit(packet)
        check(encode(packet, { limit }).bytes.length <= limit, 'an answer is longer than its limit')
      })
    }
    expect(readable).toBeGreaterThan(CASES / 20)
  })

  test('the policies answer within the rules', () => {
    const random = seededRandom(seed + 1)
    const bootFile = () => ({ server: LAN.address, file: 'boot.ipxe' })
    const pools = [POOL, { first: '10.1.0.10', last: '10.1.0.20', netmask: '255.255.255.0', leaseSeconds: 60 }]
    const kinds = (['address', 'proxy', 'boot-server'] as const).map((kind) =>
      testServer({ kind, bootFile, pools, authoritative: true }),
    )
    const [, proxy] = kinds
    let answers = 0
    const answerAll = (bytes: Uint8Array) => {
      const { packet } = decode(bytes)
      if (packet === undefined) return
      packet.op = 1
      for (const server of kinds) {
        server.now += 5
        for (const { reply } of server.answer(packet, UNICAST)) {
          if (reply === undefined) continue
          answers += 1
          check(reply.packet.op === 2 && reply.packet.xid === packet.xid, 'the answer is none to the question')
          const { bytes } = encode(reply.packet, { limit: reply.limit })
          check(bytes.length <= reply.limit, 'an answer is longer than its limit')
          check(decode(bytes).packet !== undefined, 'an answer cannot be read')
          const targets = server === proxy ? RELAYS : TARGETS
          check(targets.test(reply.to.address), `an answer goes to ${reply.to.address}`)
          check(GIVEN.test(reply.packet.yiaddr), `${reply.packet.yiaddr} is given`)
        }
      }
      for (const server of kinds) for (const book of server.books) check(book.openOffers <= 11, 'too many offers')
    }
    for (let index = 0; index < CASES; index++) {
      const bytes = mutate(real, random)
      tellingCase(bytes, () => answerAll(bytes))
    }
    expect(answers).toBeGreaterThan(CASES / 20)
  })
})

function expectSame(written: DhcpPacket | undefined, read: DhcpPacket): void {
  if (written === undefined) throw new Error('what was written cannot be read')
  const fields = [
    'op',
    'htype',
    'hlen',
    'hops',
    'xid',
    'secs',
    'flags',
    'ciaddr',
    'yiaddr',
    'siaddr',
    'giaddr',
  ] as const
  for (const name of fields) check(written[name] === read[name], `${name} changed`)
  for (const name of ['chaddr', 'sname', 'file'] as const)
    check(sameBytes(written[name], read[name]), `${name} changed`)
  check([...read.options.keys()].join() === [...written.options.keys()].join(), 'the order of options changed')
  for (const [code, data] of read.options) {
    check(sameBytes(data, written.options.get(code) ?? new Uint8Array(0)), `option ${code} changed`)
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** The matchers of the test runner would take most of the time here. */
function check(holds: boolean, complaint: string): void {
  if (!holds) throw new Error(complaint)
}
