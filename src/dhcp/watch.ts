/** Hears what other DHCP servers answer while we serve: two servers that own addresses on one network are a mistake. */
import type { Socket } from 'node:dgram'
import { LIMITED_BROADCAST } from './address.ts'
import { describeClient } from './client.ts'
import type { DhcpFact } from './events.ts'
import { MessageType, Option, readAddressOption, readUint8 } from './options.ts'
import { BOOTREPLY, decode } from './packet.ts'
import { bindSocket, closeSocket } from './sockets.ts'

export class OfferWatch {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /**
   * Listens on the clients' port. Undefined when somebody has that port for himself: this is a courtesy, not worth an
   * error.
   */
  static async open(
    clientPort: number,
    heard: (fact: DhcpFact & { server: string }) => void,
  ): Promise<OfferWatch | undefined> {
    try {
      const socket = await bindSocket(LIMITED_BROADCAST, clientPort, { reuseAddr: true })
      socket.on('message', (bytes) => {
        const fact = readAnswer(bytes)
        if (fact !== undefined) heard(fact)
      })
      socket.on('error', () => {})
      return new OfferWatch(socket)
    } catch {
      return undefined
    }
  }

  async close(): Promise<void> {
    await closeSocket(this.#socket)
  }
}

/** An answer that gives an address; boot files alone (proxies) do no harm. */
function readAnswer(bytes: Uint8Array): (DhcpFact & { server: string }) | undefined {
  const { packet } = decode(bytes)
  if (packet === undefined || packet.op !== BOOTREPLY || packet.yiaddr === '0.0.0.0') return undefined
  const type = readUint8(packet.options, Option.messageType)
  if (type !== MessageType.offer && type !== MessageType.ack) return undefined
  const server = readAddressOption(packet.options, Option.serverIdentifier)
  if (server === undefined) return undefined
  const client = describeClient(packet)
  return { mac: client.mac, client, interface: undefined, address: packet.yiaddr, server }
}
