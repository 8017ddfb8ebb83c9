/** The DHCP clients of all simulated machines, on the loopback interface. */
import type { Socket } from 'node:dgram'
import { LIMITED_BROADCAST } from '../dhcp/address.ts'
import { MessageType, Option, readUint8 } from '../dhcp/options.ts'
import { BOOTREPLY, type DhcpPacket, decode, encode } from '../dhcp/packet.ts'
import { bindSocket, closeSocket } from '../dhcp/sockets.ts'
import { type Asking, discover, type Lease, leaseOf, type Program, request } from './dhcp-questions.ts'

/** Who gets no answer asks again after so many milliseconds, as often as PXE firmware does (PXE 2.1, §2.2.3). */
const PATIENCE_MS = [1_000, 2_000, 4_000, 8_000]

export interface DhcpPorts {
  readonly server: number
  readonly client: number
}

export class DhcpClients implements AsyncDisposable {
  readonly #asking: Socket
  readonly #hearing: Socket
  readonly #ports: DhcpPorts
  /** Who waits for an answer, by transaction and kind of the answer. */
  readonly #waiting = new Map<string, (packet: DhcpPacket) => void>()
  #transactions = 0
  /** Questions that were asked again because no answer came. */
  repeated = 0

  private constructor(asking: Socket, hearing: Socket, ports: DhcpPorts) {
    this.#asking = asking
    this.#hearing = hearing
    this.#ports = ports
    hearing.on('message', (bytes) => this.#hear(bytes))
    // Who gets no answer asks again, and says so in the end.
    for (const socket of [asking, hearing]) socket.on('error', () => {})
  }

  /** @param address of the loopback interface; the packets of machines without an address leave from there */
  static async open(address: string, ports: DhcpPorts): Promise<DhcpClients> {
    // The server listens there as well, for others who answer; both hear every broadcast.
    const hearing = await bindSocket(LIMITED_BROADCAST, ports.client, { reuseAddr: true, role: 'DHCP clients' })
    try {
      const asking = await bindSocket(address, ports.client, { reuseAddr: true, role: 'DHCP clients' })
      return new DhcpClients(asking, hearing, ports)
    } catch (error) {
      await closeSocket(hearing)
      throw error
    }
  }

  /** DISCOVER, OFFER, REQUEST, ACK. @throws Error when nobody answers */
  async lease(machine: Asking, program: Program): Promise<Lease> {
    this.#transactions += 1
    const offer = await this.#ask(discover(machine, program, this.#transactions), MessageType.offer)
    return leaseOf(await this.#ask(request(machine, program, offer), MessageType.ack))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#asking, this.#hearing].map(closeSocket))
  }

  async #ask(packet: DhcpPacket, answer: number): Promise<DhcpPacket> {
    const key = `${packet.xid} ${answer}`
    const { bytes } = encode(packet)
    const { promise, resolve } = Promise.withResolvers<DhcpPacket>()
    this.#waiting.set(key, resolve)
    try {
      for (const patience of PATIENCE_MS) {
        this.#asking.send(bytes, this.#ports.server, LIMITED_BROADCAST, () => {})
        const found = await Promise.race([promise, passed(patience)])
        if (found !== undefined) return found
        this.repeated += 1
      }
    } finally {
      this.#waiting.delete(key)
    }
    throw new Error('no answer to DHCP')
  }

  #hear(bytes: Uint8Array): void {
    const { packet } = decode(bytes)
    if (packet?.op !== BOOTREPLY) return
    this.#waiting.get(`${packet.xid} ${readUint8(packet.options, Option.messageType)}`)?.(packet)
  }
}

function passed(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds).unref())
}
