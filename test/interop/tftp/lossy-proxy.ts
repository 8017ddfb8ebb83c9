/** A bad network between one TFTP client and a server: every datagram may get lost, in either direction. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export interface LossyProxy extends AsyncDisposable {
  /** Where the client has to ask. */
  readonly port: number
  /** Datagrams that were lost on their way to the server and to the client. */
  readonly lost: { toServer: number; toClient: number }
}

/**
 * @param server port of the server, on the loopback address
 * @param loses asked once for each datagram
 */
export async function createLossyProxy(server: number, loses: () => boolean): Promise<LossyProxy> {
  const lost = { toServer: 0, toClient: 0 }
  // Requests come in at the front. For all that follows the client sees another port, as it would with the server itself.
  const [front, back, towardsServer] = await Promise.all([openSocket(), openSocket(), openSocket()])
  let client = 0
  let transfer = server

  function toServer(bytes: Buffer, port: number, from: number): void {
    client = from
    if (loses()) lost.toServer += 1
    else towardsServer.send(bytes, port, '127.0.0.1')
  }
  front.on('message', (bytes, { port }) => toServer(bytes, server, port))
  back.on('message', (bytes, { port }) => toServer(bytes, transfer, port))
  towardsServer.on('message', (bytes, { port }) => {
    transfer = port
    if (loses()) lost.toClient += 1
    else back.send(bytes, client, '127.0.0.1')
  })

  return {
    port: front.address().port,
    lost,
    async [Symbol.asyncDispose]() {
      await Promise.all([front, back, towardsServer].map((socket) => new Promise<void>((done) => socket.close(done))))
    },
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4')
  // A client that has ended has closed its port.
  socket.on('error', () => {})
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
