/** The sockets of one transfer. RFC 1350 section 4: each side picks a port of its own, the transfer identifier (TID). */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { ErrorCode, encodePacket } from './packet.ts'

/** Where a client sends from. */
export interface Remote {
  readonly address: string
  readonly port: number
}

export interface ChannelEvents {
  /** A datagram of the client. */
  onPacket(bytes: Buffer): void
  /** The client's machine says that nobody listens on its port any more. */
  onGone(): void
  /** A datagram from a foreign address or port. It was answered with ERROR 5. */
  onStranger(remote: Remote): void
}

export interface Channel {
  /** Our TID. */
  readonly port: number
  /** Sends one datagram. True when the system has taken a copy, so that the buffer may be used again at once. */
  send(packet: Uint8Array): boolean
  close(): void
}

/**
 * Opens a channel to one client.
 *
 * It has two sockets on one port. One is connected: the system then knows the way without looking it up for every packet,
 * and lets nobody else in. What others send to this port ends up at the second one, which tells them that they are wrong.
 */
export async function openChannel(address: string, remote: Remote, events: ChannelEvents): Promise<Channel> {
  const guard = openSocket(address)
  const connected = openSocket(address)
  try {
    // An error that has no listener would end the process.
    guard.on('error', () => {})
    connected.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') events.onGone()
    })
    await bind(guard, address, 0)
    const { port } = guard.address()
    await bind(connected, address, port)
    const ready = once(connected, 'connect')
    connected.connect(remote.port, remote.address)
    await ready

    const wrongTid = encodePacket({ kind: 'ERROR', code: ErrorCode.unknownTransferId, message: 'Unknown transfer ID' })
    guard.on('message', (bytes, stranger) => {
      // Between bind and connect the client's own packets may end up here, too.
      if (stranger.port === remote.port && stranger.address === remote.address) return
      // An ERROR is never answered with an ERROR, and nobody can be answered on port 0.
      if (bytes[1] !== 5 && stranger.port !== 0) guard.send(wrongTid, stranger.port, stranger.address)
      events.onStranger({ address: stranger.address, port: stranger.port })
    })
    connected.on('message', events.onPacket)
    return new SocketPair(port, connected, guard)
  } catch (error) {
    guard.close()
    connected.close()
    throw error
  }
}

class SocketPair implements Channel {
  readonly port: number
  readonly #connected: Socket
  readonly #guard: Socket

  constructor(port: number, connected: Socket, guard: Socket) {
    this.port = port
    this.#connected = connected
    this.#guard = guard
  }

  send(packet: Uint8Array): boolean {
    // Without a callback nothing is allocated for the answer; what is lost here is lost as on the wire, and sent again.
    this.#connected.send(packet)
    return this.#connected.getSendQueueCount() === 0
  }

  close(): void {
    this.#connected.close()
    this.#guard.close()
  }
}

function openSocket(address: string): Socket {
  return createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    reuseAddr: true,
    // Addresses are numbers here: nothing has to be looked up, nothing has to wait.
    lookup: (host, _options, callback) => callback(null, host, isIPv6(host) ? 6 : 4),
  })
}

async function bind(socket: Socket, address: string, port: number): Promise<void> {
  // With a lookup that does not wait, the event comes while bind() is still being called.
  const listening = once(socket, 'listening')
  socket.bind(port, address)
  await listening
}
