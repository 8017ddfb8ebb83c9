import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { decodeLsd, encodeLsd, HASHES_PER_PACKET, LSD_GROUP, LSD_PORT } from './lsd-packet.ts'

const ANNOUNCE_EVERY_MS = 5 * 60_000
/** Somebody who looks for us is answered after this time, so no more often either. */
const ANSWER_AFTER_MS = 1_000

export interface LocalDiscoveryOptions {
  /** IPv4 address of the interface to do it on. */
  readonly address: string
  /** TCP port of the seeder. */
  readonly port: number
  /** Asked each time: what is served changes. */
  readonly infoHashes: () => readonly string[]
  /** Told of what keeps it from working, once; the seeder works without it. */
  readonly onProblem: (error: Error) => void
}

/**
 * Local peer discovery (BEP 14), as far as a seeder needs it: it says on the LAN what it has, again when somebody looks for
 * it, and leaves it to them to connect. So clients find the host when the tracker is dead.
 */
export class LocalDiscovery {
  readonly #options: LocalDiscoveryOptions
  readonly #cookie = randomBytes(8).toString('hex')
  readonly #socket: Socket
  readonly #repeating: NodeJS.Timeout
  #answer: NodeJS.Timeout | undefined

  constructor(options: LocalDiscoveryOptions) {
    this.#options = options
    this.#socket = createSocket({ type: 'udp4', reuseAddr: true })
    this.#socket.on('error', options.onProblem)
    this.#socket.on('message', (packet) => this.#onMessage(packet))
    this.#socket.bind(LSD_PORT, LSD_GROUP, () => this.#begin())
    this.#repeating = setInterval(() => this.announce(), ANNOUNCE_EVERY_MS)
  }

  close(): void {
    clearInterval(this.#repeating)
    clearTimeout(this.#answer)
    this.#socket.close()
  }

  #begin(): void {
    try {
      this.#socket.setMulticastInterface(this.#options.address)
      this.#socket.addMembership(LSD_GROUP, this.#options.address)
      this.announce()
    } catch (error) {
      this.#options.onProblem(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #onMessage(packet: Buffer): void {
    const announce = decodeLsd(packet)
    if (announce === undefined || announce.cookie === this.#cookie) return
    const infoHashes = this.#options.infoHashes()
    if (!announce.infoHashes.some((infoHash) => infoHashes.includes(infoHash))) return
    // Those who ask at the same time get one answer, and nobody who asks gets none.
    this.#answer ??= setTimeout(() => {
      this.#answer = undefined
      this.announce()
    }, ANSWER_AFTER_MS)
  }

  /** Says on the LAN what we have. */
  announce(): void {
    const { port } = this.#options
    const infoHashes = this.#options.infoHashes()
    for (let at = 0; at < infoHashes.length; at += HASHES_PER_PACKET) {
      const some = infoHashes.slice(at, at + HASHES_PER_PACKET)
      const packet = encodeLsd({ port, infoHashes: some, cookie: this.#cookie })
      this.#socket.send(packet, LSD_PORT, LSD_GROUP, (error) => {
        if (error) this.#options.onProblem(error)
      })
    }
  }
}
