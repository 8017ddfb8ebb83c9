/**
 * The whole server, sockets and journal and all, in a process of its own on the loopback interface: whatever it is sent, it
 * goes on, answers the next machine, and keeps nothing of it.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { macOf } from '../../../../src/dhcp/client.ts'
import { MessageType, Option, readUint8 } from '../../../../src/dhcp/options.ts'
import { BOOTREPLY, type DhcpPacket, decode, encode } from '../../../../src/dhcp/packet.ts'
import { type RunningServer, serve, thisMachine } from '../../../interop/dhcp/network.ts'
import { fuzzSettings } from '../../fuzz-settings.ts'
import { asks, chooses, macNumber, request } from '../build.ts'
import { inputClasses } from '../input-classes.ts'
import { mutate, seededRandom } from '../mutate.ts'
import { capturedDhcp } from '../pcap.ts'

const { cases: CASES, seeds: SEEDS } = fuzzSettings({ cases: 30_000, seeds: [4, 2018, 0xdecade] })

const SERVER = { name: 'lo', address: '127.0.0.1', netmask: '255.0.0.0' }
const RELAY = '127.0.0.2'
const POOL = { first: '127.0.16.0', last: '127.0.31.255', leaseSeconds: 3600 }
/** Every burst is followed by a lease that goes to the disk, which is slow beside the codec's cases. */
const PACKETS = Math.ceil(CASES / 10)
/** Packets between two looks whether a machine is served. */
const BURST = 60
/** A machine asks again after this many milliseconds. */
const AGAIN = 250
/** What the server may grow by after it is warm: the leases of 4096 addresses, what it remembers, and the collector's ways. */
const GROWTH = 96 * 2 ** 20
const classes = Object.values(inputClasses({ relay: RELAY, server: SERVER.address }))
const real = capturedDhcp().map(({ payload }) => payload)

let folder: string
let relay: Socket
let port: number
let server: RunningServer

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuzz-'))
  relay = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
  relay.bind(0, RELAY)
  await once(relay, 'listening')
  port = relay.address().port
  const ports = { server: port, client: 0, proxy: 0 }
  server = await serve(thisMachine, { interfaces: [SERVER], pool: POOL, leaseFile: join(folder, 'leases'), ports })
})
afterEach(async () => {
  relay.close()
  await server.stop()
  await rm(folder, { recursive: true })
})

describe.each(SEEDS)('seed %i', (seed) => {
  test('the server goes on, answers the next machine, and keeps nothing', async () => {
    const random = seededRandom(seed)
    const below = (limit: number) => Math.floor(random() * limit)
    let warm = Number.NaN
    for (let sent = 0, burst = 0; sent < PACKETS; sent += BURST, burst++) {
      const inputs = Array.from({ length: BURST }, (_, index) => {
        const make = index % 2 === 0 ? classes[below(classes.length)] : undefined
        return make?.(below) ?? throughRelay(mutate(real, random))
      })
      for (const bytes of inputs) relay.send(bytes, port, SERVER.address)
      await expectServed(macNumber(seed + (burst % 4_096)), inputs)
      if (burst === 20) warm = residentBytes(server.pid)
    }
    expect(residentBytes(server.pid) - warm).toBeLessThan(GROWTH)
    const failures = server.log.filter(({ level }) => level === 'error').map(({ message }) => message)
    expect(failures.filter((message) => !message.startsWith('An answer cannot be sent'))).toEqual([])
  })
})

/** The server answers a relay agent at its address, so only what names ours comes back here. */
function throughRelay(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= 28) bytes.set([127, 0, 0, 2], 24)
  return bytes
}

/** A machine gets its lease and gives it back, whatever was sent before; what fails tells the input. */
async function expectServed(mac: string, inputs: readonly Uint8Array[]): Promise<void> {
  try {
    const { yiaddr } = await ask(request('discover', { mac }), MessageType.offer)
    const options = [asks(yiaddr), chooses(SERVER.address)]
    await ask(request('request', { mac, options }), MessageType.ack)
    send(request('release', { mac, ciaddr: yiaddr, options: [chooses(SERVER.address)] }))
  } catch (cause) {
    const hex = inputs.map((bytes) => Buffer.from(bytes).toString('hex')).join('\n')
    throw new Error(`${(cause as Error).message} after\n${hex}`, { cause })
  }
}

function ask(packet: DhcpPacket, wanted: number): Promise<DhcpPacket> {
  const mac = macOf(packet)
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearInterval(again)
      relay.off('message', take)
    }
    const take = (bytes: Uint8Array) => {
      const answer = decode(bytes).packet
      if (answer === undefined || answer.op !== BOOTREPLY) return fail('an answer that cannot be read')
      if (macOf(answer) !== mac || readUint8(answer.options, Option.messageType) !== wanted) return
      finish()
      resolve(answer)
    }
    const fail = (what: string) => {
      finish()
      reject(new Error(`The machine ${mac} got ${what}`))
    }
    let times = 0
    const again = setInterval(() => {
      times += 1
      if (times > 32) fail('no answer within 8 s')
      else send(packet)
    }, AGAIN)
    relay.on('message', take)
    send(packet)
  })
}

function send(packet: DhcpPacket): void {
  relay.send(encode({ ...packet, giaddr: RELAY }).bytes, port, SERVER.address)
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}
