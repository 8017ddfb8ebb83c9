/**
 * Floods a network with DHCP packets of made-up machines: `flood.ts ADDRESS SERVER`. Six thousand packets a second of
 * every kind, until it is ended. The machines and the packets are the same every time.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { encode } from '../../../src/dhcp/packet.ts'
import { asks, chooses, macNumber, request } from '../../unit/dhcp/build.ts'

const [address = '', server = ''] = process.argv.slice(2)
const EVERY_MS = 5
const PACKETS = 30

const socket = createSocket('udp4')
socket.bind(68, address)
await once(socket, 'listening')
socket.setBroadcast(true)

let count = 0
const poolAddress = () => `172.30.0.${100 + (count % 100)}`
const KINDS = [
  (mac: string) => request('discover', { mac }),
  (mac: string) => request('discover', { mac, secs: count & 255 }),
  (mac: string) => request('request', { mac, options: [asks(poolAddress()), chooses(server)] }),
  (mac: string) => request('request', { mac, ciaddr: poolAddress() }),
  (mac: string) => request('decline', { mac, options: [asks(poolAddress()), chooses(server)] }),
  (mac: string) => request('inform', { mac, ciaddr: address }),
  (mac: string) => request('release', { mac, ciaddr: poolAddress() }),
  (mac: string) => request(undefined, { mac }),
]

setInterval(() => {
  for (let index = 0; index < PACKETS; index++) {
    count += 1
    const kind = KINDS[count % KINDS.length] ?? KINDS[0]
    if (kind === undefined) continue
    // Renewals go to the server alone, as they do in truth.
    const target = count % KINDS.length === 3 ? server : '255.255.255.255'
    socket.send(encode(kind(macNumber(count))).bytes, 67, target)
  }
  if (count % 6_000 === 0) console.log(`sent ${count}`)
}, EVERY_MS)
process.once('SIGTERM', () => process.exit())
