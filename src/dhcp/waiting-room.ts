/**
 * Packets of machines that nothing is known of. They wait until the sockets had their turn, so that the packets of known
 * machines, which are answered at once, are read before them however many there are.
 *
 * Machines that called before and machines that never did have half of the time each: whoever calls again gets through,
 * for in a flood of made-up machines none does. Nothing is promised for a second, everything that is left of it is used.
 */
import { BoundedQueue } from './queue.ts'

/** More packets than are answered within a tenth of a second: who waits longer will have asked again. */
const PLACES = 1_024

/** Milliseconds of one turn of the event loop; the shorter one while the sockets have more packets than fit in a turn. */
const TURN = 2
const SHORT_TURN = 0.5
/** libuv reads so many datagrams of a socket before others have their turn. */
const BUSY = 32

export class WaitingRoom<Packet> {
  readonly #serve: (packet: Packet) => void
  readonly #givenUp: () => void
  readonly #returning = new BoundedQueue<Packet>(PLACES)
  readonly #newcomers = new BoundedQueue<Packet>(PLACES)
  #turn: NodeJS.Immediate | undefined
  #received = 0
  #isNewcomersTurn = false

  /** @param givenUp called for a packet that will not be served */
  constructor(serve: (packet: Packet) => void, givenUp: () => void) {
    this.#serve = serve
    this.#givenUp = givenUp
  }

  /** Any packet came in, which waits or not: tells how busy the sockets are. */
  received(): void {
    this.#received += 1
  }

  enter(packet: Packet, isReturning: boolean): void {
    const queue = isReturning ? this.#returning : this.#newcomers
    if (!queue.push(packet)) this.#givenUp()
    this.#turn ??= setImmediate(() => this.#serveSome())
  }

  /** Whoever waits is sent away. */
  close(): void {
    if (this.#turn !== undefined) clearImmediate(this.#turn)
    this.#turn = undefined
    while (this.#next() !== undefined);
  }

  #serveSome(): void {
    const end = performance.now() + (this.#received >= BUSY ? SHORT_TURN : TURN)
    this.#received = 0
    this.#turn = undefined
    let packet = this.#next()
    while (packet !== undefined) {
      this.#serve(packet)
      packet = performance.now() < end ? this.#next() : undefined
    }
    if (this.#returning.size + this.#newcomers.size > 0) this.#turn ??= setImmediate(() => this.#serveSome())
  }

  /** One of each kind in turn. */
  #next(): Packet | undefined {
    this.#isNewcomersTurn = !this.#isNewcomersTurn
    const [first, second] = this.#isNewcomersTurn
      ? [this.#newcomers, this.#returning]
      : [this.#returning, this.#newcomers]
    return first.take() ?? second.take()
  }
}
