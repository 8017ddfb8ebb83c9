/** A server that is killed while machines get their addresses: whoever heard an ACK finds its lease in the file. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatAddress } from '../../../src/dhcp/address.ts'
import { macOf } from '../../../src/dhcp/client.ts'
import { parseLease } from '../../../src/dhcp/lease-line.ts'
import { MessageType, Option, readUint8 } from '../../../src/dhcp/options.ts'
import { type DhcpPacket, decode, encode } from '../../../src/dhcp/packet.ts'
import { asks, chooses, macNumber, request } from '../../unit/dhcp/build.ts'
import { serve, thisMachine } from './network.ts'

const SERVER = { name: 'lo', address: '127.0.0.1', netmask: '255.0.0.0' }
const RELAY = '127.0.0.2'
const MACHINES_AT_ONCE = 50

let folder: string
let relay: Socket
let port: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crash-'))
  relay = createSocket('udp4')
  relay.bind(0, RELAY)
  await once(relay, 'listening')
  port = relay.address().port
})
afterEach(async () => {
  relay.close()
  await rm(folder, { recursive: true })
})

const send = (packet: DhcpPacket) => relay.send(encode({ ...packet, giaddr: RELAY }).bytes, port, SERVER.address)

test.each([1, 60, 333, 1_000])('after %i leases', async (count) => {
  const leaseFile = join(folder, 'leases')
  const pool = { first: '127.0.16.0', last: '127.0.31.255', leaseSeconds: 3600 }
  const server = await serve(thisMachine, {
    interfaces: [SERVER],
    pool,
    leaseFile,
    ports: { server: port, client: 0, proxy: 0 },
  })
  const acknowledged = new Map<string, string>()
  let machines = 0
  const nextMachine = () => {
    machines += 1
    send(request('discover', { mac: macNumber(machines) }))
  }
  const enough = new Promise<void>((resolve) => {
    relay.on('message', (bytes) => {
      const packet = decode(bytes).packet as DhcpPacket
      const mac = macOf(packet)
      if (readUint8(packet.options, Option.messageType) === MessageType.offer) {
        send(request('request', { mac, options: [asks(packet.yiaddr), chooses(SERVER.address)] }))
        return
      }
      acknowledged.set(mac, packet.yiaddr)
      if (acknowledged.size === count) resolve()
      nextMachine()
    })
  })
  for (let index = 0; index < MACHINES_AT_ONCE; index++) nextMachine()
  await enough
  await server.stop('SIGKILL')

  const lines = (await readFile(leaseFile, 'utf8')).split('\n')
  const kept = new Map(lines.flatMap((line) => parseLease(line) ?? []).map(({ mac, address }) => [mac, address]))
  const lost = [...acknowledged].filter(([mac, address]) => formatAddress(kept.get(mac) ?? 0) !== address)
  expect(acknowledged.size).toBeGreaterThanOrEqual(count)
  expect(lost).toEqual([])
})
