/**
 * The sockets of a server, on Linux without native code.
 *
 * A socket that is bound to an interface's address hears no broadcast, and one that is bound to 255.255.255.255 hears
 * those of every interface. So there is one of the latter to hear machines without an address, and one of the former for
 * each served interface: it hears renewals, and everything we send leaves by it, because the limited broadcast of a
 * socket bound to an address goes out by that address's interface. Never `reuseAddr`: with it, another program may bind
 * the same port and each would see a part of the packets.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { BoottorrentError } from '../errors.ts'
import { LIMITED_BROADCAST } from './address.ts'
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
  })
  try {
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
    socket.setBroadcast(true)
    return socket
  } catch (error) {
    socket.close()
    throw bindError(error, address, port, options.role ?? 'DHCP')
  }
}

function bindError(cause: unknown, address: string, port: number, role: string): BoottorrentError {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    return new BoottorrentError('PORT_IN_USE', `Another program already uses UDP port ${port} (${role})`, {
      hint: `Stop it; \`ss -lunp 'sport = :${port}'\`, run as root, shows which one it is.`,
      cause,
    })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new BoottorrentError('PERMISSION', `The right to use UDP port ${port} (${role}) is missing`, {
      hint: 'Start it as root (sudo), or give it the capability CAP_NET_BIND_SERVICE.',
      cause,
    })
  }
  if (code === 'EADDRNOTAVAIL') {
    return new BoottorrentError('INTERFACE', `No interface of this machine has the address ${address}`, {
      hint: '`ip -4 address` shows the addresses; is the interface up?',
      cause,
    })
  }
  return new BoottorrentError('INTERNAL', `UDP port ${port} (${role}) on ${address} cannot be used`, { cause })
}

export interface OpenSockets {
  /** By the address of the served interface. */
  readonly dhcp: ReadonlyMap<string, Socket>
  readonly proxy: ReadonlyMap<string, Socket>
  /** Hears the broadcasts of all interfaces. */
  readonly broadcast: Socket
}

/** Opens all sockets of a server, or none. */
export async function openSockets(
  interfaces: readonly ServedInterface[],
  ports: { server: number; proxy: number },
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
    for (const { address } of interfaces) {
      const socket = await open(address, serverPort, 'DHCP')
      serverPort = socket.address().port
      dhcp.set(address, socket)
      const proxySocket = await open(address, proxyPort, 'PXE boot server')
      proxyPort = proxySocket.address().port
      proxy.set(address, proxySocket)
    }
    const broadcast = await open(LIMITED_BROADCAST, serverPort, 'DHCP broadcasts')
    return { dhcp, proxy, broadcast }
  } catch (error) {
    for (const socket of opened) socket.close()
    throw error
  }
}

/** Closes a socket and waits until it is closed. */
export async function closeSocket(socket: Socket): Promise<void> {
  const closed = once(socket, 'close')
  socket.close()
  await closed
}
