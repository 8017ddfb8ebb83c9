/**
 * The sockets of a server, on Linux without native code.
 *
 * A socket that is bound to an interface's address hears no broadcast, and one that is bound to 255.255.255.255 hears
 * those of every interface. So there is one of the latter to hear machines without an address, and one of the former for
 * each served interface: it hears renewals, and everything we send leaves by it, because the limited broadcast of a
 * socket bound to an address goes out by that address's interface. Never `reuseAddr`: with it, another program may bind
 * the same port and each would see a part of the packets.
 */

import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { once } from 'node:events'
import { bindError } from '../bind-error.ts'
import { BoottorrentError } from '../errors.ts'
import { requirePortNumber } from '../port-number.ts'
import { LIMITED_BROADCAST } from './address.ts'
import type { InheritedSocket } from './index.ts'
import type { ServedInterface } from './subnet.ts'

/** Room for a classroom that is switched on at once; the system gives what it allows. Bytes. */
const RECEIVE_BUFFER = 1 << 20

/** Binds a UDP socket. Port 0 is chosen by the system. */
export async function bindSocket(
  address: string,
  port: number,
  options: { reuseAddr?: boolean; role?: string } = {},
): Promise<Socket> {
  const { role = 'DHCP' } = options
  requirePortNumber(port, role)
  const socket = createSocket({
    type: 'udp4',
    reuseAddr: options.reuseAddr ?? false,
    recvBufferSize: RECEIVE_BUFFER,
    lookup: noLookup,
  })
  try {
    // As nothing is looked up, the event comes before `bind` returns.
    const listening = once(socket, 'listening')
    socket.bind({ address, port, exclusive: true })
    await listening
    socket.setBroadcast(true)
    return socket
  } catch (error) {
    socket.close()
    throw bindError(error, role, address, port)
  }
}

/** Every address that we send to is one already: asking for it costs as much as making the packet. */
const noLookup: NonNullable<SocketOptions['lookup']> = (address, _options, callback) => callback(null, address, 4)

export interface OpenSockets {
  /** By the address of the served interface. */
  readonly dhcp: ReadonlyMap<string, Socket>
  readonly proxy: ReadonlyMap<string, Socket>
  /** Hears the broadcasts of all interfaces; undefined when the sockets of `dhcp` hear their own. */
  readonly broadcast: Socket | undefined
  /** Those of `dhcp` that another program opened, by the name of the interface. They cannot be opened a second time. */
  readonly inherited: ReadonlyMap<string, Socket>
}

/** All of them, each once. */
export function allSockets({ dhcp, proxy, broadcast, inherited }: OpenSockets): Set<Socket> {
  const some = broadcast === undefined ? [] : [broadcast]
  return new Set([...dhcp.values(), ...proxy.values(), ...inherited.values(), ...some])
}

/**
 * Opens all sockets of a server, or none.
 *
 * @param before sockets that are open already: those of addresses that are served on are taken over. What is left of them
 *   is for the caller to close, when nothing failed.
 */
export async function openSockets(
  interfaces: readonly ServedInterface[],
  ports: { server: number; proxy: number },
  inherited: readonly InheritedSocket[],
  before?: OpenSockets,
): Promise<OpenSockets> {
  const opened: Socket[] = []
  const taken = new Map<string, Socket>(before?.inherited)
  const take = async (given: InheritedSocket) => {
    // It is bound to its interface: whatever address that has, it goes on hearing it.
    const socket = taken.get(given.interface) ?? (await takeOver(given))
    if (!taken.has(given.interface)) opened.push(socket)
    taken.set(given.interface, socket)
    return socket
  }
  const open = async (address: string, port: number, role: string) => {
    const socket = await bindSocket(address, port, { role })
    opened.push(socket)
    return socket
  }
  try {
    const dhcp = new Map<string, Socket>()
    const proxy = new Map<string, Socket>()
    let serverPort = ports.server
    let proxyPort = ports.proxy
    for (const { name, address } of interfaces) {
      const given = inherited.find((one) => one.interface === name)
      const socket = before?.dhcp.get(address) ?? (await (given ? take(given) : open(address, serverPort, 'DHCP')))
      serverPort = socket.address().port
      dhcp.set(address, socket)
      const proxySocket = before?.proxy.get(address) ?? (await open(address, proxyPort, 'PXE boot server'))
      proxyPort = proxySocket.address().port
      proxy.set(address, proxySocket)
    }
    const hearsBroadcasts = inherited.length === 0
    const broadcast =
      before?.broadcast ?? (hearsBroadcasts ? await open(LIMITED_BROADCAST, serverPort, 'DHCP broadcasts') : undefined)
    return { dhcp, proxy, broadcast, inherited: taken }
  } catch (error) {
    for (const socket of opened) socket.close()
    throw error
  }
}

/** Goes on with a socket that another program opened; it is bound to its interface, so it hears that one's broadcasts. */
async function takeOver({ interface: name, fd }: InheritedSocket): Promise<Socket> {
  const socket = createSocket('udp4')
  try {
    // A descriptor is bound already: the event comes before `bind` returns.
    const listening = once(socket, 'listening')
    socket.bind({ fd, exclusive: true })
    await listening
    socket.setBroadcast(true)
    return socket
  } catch (cause) {
    socket.close()
    throw new BoottorrentError('INTERFACE', `Descriptor ${fd} for ${name} is not a UDP socket that can be used`, {
      hint: 'In the systemd socket unit, use ListenDatagram=0.0.0.0:67 with BindToDevice.',
      cause,
    })
  }
}

/** Closes a socket and waits until it is closed. */
export async function closeSocket(socket: Socket): Promise<void> {
  const closed = once(socket, 'close')
  socket.close()
  await closed
}
