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
    throw bindError(error, options.role ?? 'DHCP', address, port)
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
}

/** Opens all sockets of a server, or none. */
export async function openSockets(
  interfaces: readonly ServedInterface[],
  ports: { server: number; proxy: number },
  inherited: readonly InheritedSocket[],
): Promise<OpenSockets> {
  const opened: Socket[] = []
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
      const socket = given === undefined ? await open(address, serverPort, 'DHCP') : await takeOver(given)
      if (given !== undefined) opened.push(socket)
      serverPort = socket.address().port
      dhcp.set(address, socket)
      const proxySocket = await open(address, proxyPort, 'PXE boot server')
      proxyPort = proxySocket.address().port
      proxy.set(address, proxySocket)
    }
    const broadcast = inherited.length > 0 ? undefined : await open(LIMITED_BROADCAST, serverPort, 'DHCP broadcasts')
    return { dhcp, proxy, broadcast }
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
