/** Random input for the codec and the policy. The same seed gives the same cases; tests run few of them, long runs many. */
import { readdirSync } from 'node:fs'
import { decodePacket, type Packet } from '../../../src/tftp/index.ts'
import { createTransfer, type Transfer } from '../../../src/tftp/transfer.ts'
import { readCapture } from '../dhcp/pcap.ts'
import { randomBytes, seeded } from './random.ts'

const captures = readdirSync(new URL('../../fixtures/pcap/', import.meta.url)).filter((name) => name.endsWith('.pcap'))

/** Every TFTP request of every capture. */
export const capturedRequests = captures.flatMap(readCapture).filter(({ targetPort }) => targetPort === 69)

/** Decodes `rounds` datagrams; `check` gets those that were understood. */
export function fuzzCodec(
  seed: number,
  rounds: number,
  check: (packet: Packet) => void,
): { understood: number; malformed: number } {
  const random = seeded(seed)
  const counts = { understood: 0, malformed: 0 }
  for (let round = 0; round < rounds; round += 1) {
    const packet = decodePacket(fuzzedPacket(random))
    if (packet.kind === 'malformed') {
      counts.malformed += 1
    } else {
      counts.understood += 1
      check(packet)
    }
  }
  return counts
}

/** Random bytes, or a captured request with a few bytes changed and cut off somewhere. */
export function fuzzedPacket(random: () => number): Buffer {
  if (random() < 0.4) {
    const bytes = randomBytes(random, Math.floor(random() * 80))
    if (bytes.length > 1) bytes.writeUInt16BE(Math.floor(random() * 8), 0)
    return bytes
  }
  const original = capturedRequests[Math.floor(random() * capturedRequests.length)]
  const bytes = Buffer.from(original?.payload ?? [])
  for (let change = 0; change < 3; change += 1) bytes[2 + Math.floor(random() * (bytes.length - 2))] = random() * 256
  const whole = random() < 0.5
  return whole ? bytes : bytes.subarray(0, Math.floor(random() * (bytes.length + 1)))
}

/** Runs `rounds` transfers with acknowledgements that are right, old, doubled, early or missing. Throws when a rule is broken. */
export function fuzzTransfer(seed: number, rounds: number): { finished: number; gaveUp: number } {
  const random = seeded(seed)
  const counts = { finished: 0, gaveUp: 0 }
  for (let round = 0; round < rounds; round += 1) {
    if (fuzzOneTransfer(random)) counts.finished += 1
    else counts.gaveUp += 1
  }
  return counts
}

function fuzzOneTransfer(random: () => number): boolean {
  const below = (limit: number) => Math.floor(random() * limit)
  const windowSize = 1 + below(8)
  const patience = { first: 100, longest: 400, repetitions: 4 }
  const size = below(100) * 8 + below(8)
  const transfer = createTransfer({ size, blockSize: 8, windowSize, optionAck: random() < 0.5, patience, now: 0 })
  // Half of the clients are not worth much.
  const diligence = random() < 0.5 ? 0.9 : 0.02
  let now = 0
  let highest = sendAll(transfer, windowSize, transfer.acknowledged)
  while (true) {
    now += below(60)
    const truth = random() < diligence
    const block = truth ? transfer.acknowledged + 1 + below(Math.max(highest - transfer.acknowledged, 1)) : below(65536)
    const before = transfer.acknowledged
    const verdict = transfer.acknowledge(block & 0xffff, now)
    if (verdict === 'finished')
      return transfer.acknowledged === transfer.lastBlock && transfer.nextBlock() === undefined
    if (verdict === 'ignored' && transfer.acknowledged !== before) throw new Error('an ignored ACK changed something')
    if (verdict === 'ignored' && transfer.nextBlock() !== undefined) throw new Error('an ignored ACK caused a block')
    if (transfer.acknowledged > highest) throw new Error('more was acknowledged than was sent')
    const silence = transfer.checkSilence(now)
    if (silence === 'gave-up') return false
    highest = sendAll(transfer, windowSize, highest)
  }
}

/** Lets everything out that may go out, and looks whether it may. Returns the highest block so far. */
function sendAll(transfer: Transfer, windowSize: number, highest: number): number {
  let sent = 0
  let top = highest
  for (let block = transfer.nextBlock(); block !== undefined; block = transfer.nextBlock()) {
    sent += 1
    if (block > transfer.lastBlock || block > transfer.acknowledged + Math.max(windowSize, 1)) {
      throw new Error(`block ${block} is beyond the window`)
    }
    if (block <= transfer.acknowledged) throw new Error(`block ${block} was acknowledged before`)
    if (sent > windowSize) throw new Error('more than a window at once')
    transfer.sent()
    top = Math.max(top, block)
  }
  return top
}
