/** Finding the DHCP servers of a network: a DISCOVER goes out, and who offers is there. Nothing is taken. */
import { networkInterfaces } from 'node:os'
import { LIMITED_BROADCAST, parseMac } from './address.ts'
import { PROBE_CLASS } from './client.ts'
import { MessageType, Option, readAddressOption, readUint8, textBytes, uint8 } from './options.ts'
import { BOOTREPLY, BOOTREQUEST, BROADCAST_FLAG, decode, emptyPacket, encode } from './packet.ts'
import { bindSocket, closeSocket } from './sockets.ts'

/** Where to look for other DHCP servers, and for how long. */
export interface ProbeOptions {
  /** Our address on the interface to probe. */
  readonly address: string
  /**
   * Milliseconds to wait when nobody answers. Default 4500: dnsmasq pings an address for three seconds before it offers
   * it.
   */
  readonly timeout?: number
  readonly signal?: AbortSignal
  /** The hardware address to ask with. Default: that of the interface, which guarded switches insist on. */
  readonly mac?: string
  readonly ports?: { readonly server?: number; readonly client?: number }
  /** From 0 to 1, without 1. Default Math.random. */
  readonly random?: () => number
}

/** A DHCP server that offered an address. */
export interface FoundServer {
  /** Its server identifier (option 54), or the address it sent from. */
  readonly server: string
  /** The address it offered. */
  readonly offered: string
  /** Whether it also names a boot file. */
  readonly boots: boolean
}

/** After the first offer others get this long, in milliseconds. */
const SETTLE_MS = 500
/** A packet may be lost: ask again after this many milliseconds. */
const REPEAT_MS = 1_500

/**
 * Lists the DHCP servers that offer addresses on the network of `address`; empty when there is none.
 * @throws BoottorrentError PORT_IN_USE, PERMISSION, INTERFACE; the signal's reason when it is aborted
 */
export async function findDhcpServers(options: ProbeOptions): Promise<FoundServer[]> {
  const { address, timeout = 4_500, signal, random = Math.random } = options
  const { server: serverPort = 67, client: clientPort = 68 } = options.ports ?? {}
  signal?.throwIfAborted()
  const mac = parseMac(options.mac ?? macOfAddress(address) ?? '') ?? randomMac(random)
  const xid = Math.floor(random() * 0x1_0000_0000)
  const question = discover(mac, xid)

  // A DHCP client of this machine has the port as well; both hear every broadcast.
  const hearing = await bindSocket(LIMITED_BROADCAST, clientPort, { reuseAddr: true, role: 'DHCP client' })
  const asking = await bindSocket(address, clientPort, { reuseAddr: true, role: 'DHCP client' }).catch(
    async (error) => {
      await closeSocket(hearing)
      throw error
    },
  )
  const found = new Map<string, FoundServer>()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timers = new Set<NodeJS.Timeout>()
  const abort = () => reject(signal?.reason)
  const take = (bytes: Uint8Array, from: { address: string }) => {
    const offer = readOffer(bytes, xid, from.address)
    if (offer === undefined) return
    found.set(offer.server, offer)
    timers.add(setTimeout(resolve, SETTLE_MS))
  }
  const ask = () => asking.send(question, serverPort, LIMITED_BROADCAST, (error) => error && reject(error))
  try {
    hearing.on('message', take).on('error', reject)
    asking.on('message', take).on('error', reject)
    signal?.addEventListener('abort', abort, { once: true })
    timers.add(setTimeout(resolve, timeout)).add(setInterval(ask, REPEAT_MS))
    ask()
    await promise
  } finally {
    for (const timer of timers) clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    await Promise.all([closeSocket(hearing), closeSocket(asking)])
  }
  return [...found.values()]
}

function discover(mac: Uint8Array, xid: number): Uint8Array {
  const packet = emptyPacket(BOOTREQUEST, xid)
  packet.flags = BROADCAST_FLAG
  packet.chaddr.set(mac)
  packet.options.set(Option.messageType, uint8(MessageType.discover))
  packet.options.set(Option.vendorClass, textBytes(PROBE_CLASS))
  packet.options.set(Option.parameterList, Uint8Array.of(Option.netmask, Option.router, Option.dns))
  return encode(packet).bytes
}

/** An offer of an address in answer to our question; boot files alone (proxies) do not count. */
function readOffer(bytes: Uint8Array, xid: number, from: string): FoundServer | undefined {
  const { packet } = decode(bytes)
  if (packet === undefined || packet.op !== BOOTREPLY || packet.xid !== xid || packet.yiaddr === '0.0.0.0')
    return undefined
  if (readUint8(packet.options, Option.messageType) !== MessageType.offer) return undefined
  const server = readAddressOption(packet.options, Option.serverIdentifier) ?? from
  const boots = packet.file.length > 0 || packet.options.has(Option.bootFile)
  return { server, offered: packet.yiaddr, boots }
}

function macOfAddress(address: string): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return all.find((one) => one.address === address && one.mac !== '00:00:00:00:00:00')?.mac
}

/** Of the locally administered range. */
function randomMac(random: () => number): Uint8Array {
  return Uint8Array.from({ length: 6 }, (_, index) => (index === 0 ? 0x02 : Math.floor(random() * 256)))
}
