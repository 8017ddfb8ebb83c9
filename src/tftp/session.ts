/** One transfer as it runs: the policy, the file's bytes and the sockets brought together. */
import { printable } from '../log.ts'
import type { Channel } from './channel-server.ts'
import type { Content } from './content.ts'
import type { AbortReason } from './index.ts'
import type { TransferEnd } from './messages.ts'
import type { Agreement } from './options.ts'
import { DATA_HEADER, decodePacket, ErrorCode, encodePacket, writeDataHeader } from './packet.ts'
import type { Transfer } from './transfer.ts'

export interface SessionOptions {
  readonly agreement: Agreement
  readonly transfer: Transfer
  readonly content: Content
  readonly channel: Channel
  readonly now: () => number
  /** The client has answered for the first time. */
  onConfirmed(): void
  onStalled(): void
  onEnd(end: TransferEnd): void
}

/** Silences in a row that make a stall. */
const STALL = 3
/** Milliseconds: a request is not late by so much, and no firmware starts over in less. */
const STARTED_OVER = 1000

export class Session {
  readonly #transfer: Transfer
  readonly #content: Content
  readonly #channel: Channel
  readonly #now: () => number
  readonly #onStalled: () => void
  readonly #onConfirmed: () => void
  readonly #onEnd: (end: TransferEnd) => void
  readonly #agreement: Agreement
  readonly #optionAck: Buffer
  #packet: Buffer
  #confirmed = false
  /** When the client was last heard of. */
  #heard: number
  #fetching = false
  #ended = false

  constructor(options: SessionOptions) {
    this.#agreement = options.agreement
    this.#transfer = options.transfer
    this.#content = options.content
    this.#channel = options.channel
    this.#now = options.now
    this.#heard = options.now()
    this.#onConfirmed = options.onConfirmed
    this.#onStalled = options.onStalled
    this.#onEnd = options.onEnd
    this.#optionAck = encodePacket({ kind: 'OACK', options: options.agreement.confirmed })
    this.#packet = this.#newPacket()
  }

  /** Bytes the client has confirmed. */
  get bytes(): number {
    return Math.min(Math.max(this.#transfer.acknowledged, 0) * this.#agreement.blockSize, this.#content.size)
  }

  get retransmits(): number {
    return this.#transfer.retransmits
  }

  /** Takes in a datagram of the client. */
  receive(bytes: Buffer): void {
    if (this.#ended) return
    this.#heard = this.#now()
    const packet = decodePacket(bytes)
    if (packet.kind === 'ACK') {
      const verdict = this.#transfer.acknowledge(packet.block, this.#now())
      if (verdict !== 'ignored' && !this.#confirmed) {
        this.#confirmed = true
        this.#onConfirmed()
      }
      if (verdict === 'finished') this.#end({ kind: 'done' })
      else if (verdict === 'progress') this.send()
    } else if (packet.kind === 'ERROR') {
      this.#clientError(packet.code, packet.message)
    }
    // Anything else has no place here; RFC 1350 knows no answer that would help.
  }

  /** Sends what the window allows, as far as the bytes are at hand; the rest follows when they are. */
  send(): void {
    if (this.#fetching || this.#ended) return
    for (let block = this.#transfer.nextBlock(); block !== undefined; block = this.#transfer.nextBlock()) {
      if (!this.#sendBlock(block)) {
        this.#fetch(block)
        return
      }
      this.#transfer.sent()
    }
  }

  /** Looks at the clock: sends again, or gives up. */
  checkSilence(): void {
    if (this.#fetching || this.#ended) return
    const verdict = this.#transfer.checkSilence(this.#now())
    if (verdict === 'gave-up') {
      this.abort('silence', `no answer to ${this.#transfer.silences + 1} packets`)
    } else if (verdict === 'retransmit') {
      if (this.#transfer.silences === STALL) this.#onStalled()
      this.send()
    }
  }

  /**
   * The client's request came once more. It is late when the client goes on here meanwhile: our answer and the repetition
   * crossed each other. A client that says nothing more here has started over.
   */
  requestRepeated(): void {
    if (!this.#confirmed || this.#now() - this.#heard < STARTED_OVER) return
    this.abort('asked-anew', 'the client started over')
  }

  /** Ends the transfer; the client is told, as far as it listens. */
  abort(reason: AbortReason, detail: string): void {
    if (this.#ended) return
    // One that has never answered is perhaps not the one that asked.
    const message = reason === 'crowded-out' && !this.#confirmed ? undefined : farewells[reason]
    if (message !== undefined) {
      this.#channel.send(encodePacket({ kind: 'ERROR', code: ErrorCode.undefined, message }))
    }
    this.#end({ kind: 'aborted', reason, detail })
  }

  #sendBlock(block: number): boolean {
    if (block === 0) {
      this.#channel.send(this.#optionAck)
      return true
    }
    const length = this.#transfer.length(block)
    if (!this.#content.copy(this.#transfer.offset(block), length, this.#packet, DATA_HEADER)) return false
    writeDataHeader(this.#packet, block)
    const whole = DATA_HEADER + length
    const taken = this.#channel.send(whole === this.#packet.length ? this.#packet : this.#packet.subarray(0, whole))
    // The system's send buffer is full and the packet waits in line: it belongs to the socket now.
    if (!taken) this.#packet = this.#newPacket()
    return true
  }

  #fetch(block: number): void {
    this.#fetching = true
    this.#content.fetch(this.#transfer.offset(block), this.#transfer.length(block)).then(
      () => {
        this.#fetching = false
        this.#transfer.excuse(this.#now())
        this.send()
      },
      (error: Error) => {
        this.#fetching = false
        this.abort('file-changed', error.message)
      },
    )
  }

  /** RFC 2347: a client that does not like our OACK says ERROR 8. Many only wanted the size, and say ERROR 0. */
  #clientError(code: number, message: string): void {
    const wantedSize = this.#agreement.sizeAsked && this.#transfer.acknowledged < 0
    if (wantedSize && (code === ErrorCode.optionRefused || code === ErrorCode.undefined)) this.#end({ kind: 'probed' })
    else this.abort('client-error', `ERROR ${code}: ${printable(message)}`)
  }

  #end(end: TransferEnd): void {
    this.#ended = true
    this.#channel.close()
    // A file that cannot be closed is no longer of interest.
    this.#content.close().catch(() => {})
    this.#onEnd(end)
  }

  #newPacket(): Buffer {
    const longest = Math.min(this.#agreement.blockSize, this.#content.size)
    return Buffer.allocUnsafeSlow(DATA_HEADER + longest)
  }
}

/**
 * What the client is told when its transfer ends early. A client that asked anew would take an ERROR for the answer to its
 * new request.
 */
const farewells: { readonly [reason in AbortReason]?: string } = {
  silence: 'No answer',
  'file-changed': 'The file has changed on the server',
  'crowded-out': 'Too many transfers',
  closed: 'The server is closing',
}
