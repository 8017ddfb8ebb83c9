/**
 * One file on its way to one client, without sockets and without bytes: which block goes out next, what an
 * acknowledgement means, when to send again and when to give up. RFC 1350 section 4, RFC 7440 section 4.
 *
 * Blocks are counted from 1 and do not wrap here; block 0 stands for our OACK. Times are milliseconds of any steady clock.
 */
export interface Transfer {
  /** Number of the last block. A file whose size is a multiple of the block size ends with an empty one. */
  readonly lastBlock: number
  /** Blocks the client has; -1 as long as it has not answered our OACK. */
  readonly acknowledged: number
  /** How often something was sent again because the client was silent. */
  readonly retransmits: number
  /** How many times in a row the client was silent until now. */
  readonly silences: number
  /** The next block that may go out now; undefined when the window is full. */
  nextBlock(): number | undefined
  /** The block that {@link nextBlock} named is on its way. */
  sent(): void
  /** Where a block's bytes lie in the file. */
  offset(block: number): number
  length(block: number): number
  /** An ACK came in. Only one that says something new counts: duplicates, old and future ones are ignored. */
  acknowledge(block: number, now: number): 'progress' | 'finished' | 'ignored'
  /** To be asked now and then: is the client silent for too long? After `retransmit` the whole window goes out again. */
  checkSilence(now: number): 'waiting' | 'retransmit' | 'gave-up'
  /** The delay was ours (a slow disk): the client gets its full time again. */
  excuse(now: number): void
}

export interface TransferOptions {
  /** Bytes of the file. */
  readonly size: number
  readonly blockSize: number
  readonly windowSize: number
  /** Whether an OACK has to be acknowledged before the first block. */
  readonly optionAck: boolean
  readonly patience: Patience
  readonly now: number
}

/** How long silence is borne. */
export interface Patience {
  /** Milliseconds before the first repetition; doubled for each one that follows. */
  readonly first: number
  /** Milliseconds that a doubled wait never passes. */
  readonly longest: number
  /** Repetitions after which the client is given up. */
  readonly repetitions: number
}

export function createTransfer(options: TransferOptions): Transfer {
  return new BlockTransfer(options)
}

class BlockTransfer implements Transfer {
  readonly lastBlock: number
  acknowledged: number
  retransmits = 0
  silences = 0
  readonly #size: number
  readonly #blockSize: number
  readonly #windowSize: number
  readonly #patience: Patience
  #next: number
  /** The highest block that was ever sent: nothing above it can be acknowledged. */
  #highest: number
  #deadline: number

  constructor(options: TransferOptions) {
    this.lastBlock = Math.floor(options.size / options.blockSize) + 1
    this.acknowledged = options.optionAck ? -1 : 0
    this.#size = options.size
    this.#blockSize = options.blockSize
    this.#windowSize = options.windowSize
    this.#patience = options.patience
    this.#next = this.acknowledged + 1
    this.#highest = this.acknowledged
    this.#deadline = options.now + options.patience.first
  }

  nextBlock(): number | undefined {
    return this.#next <= this.#windowEnd() ? this.#next : undefined
  }

  sent(): void {
    if (this.#next > this.#highest) this.#highest = this.#next
    this.#next += 1
  }

  offset(block: number): number {
    return (block - 1) * this.#blockSize
  }

  length(block: number): number {
    return block < this.lastBlock ? this.#blockSize : this.#size - this.offset(block)
  }

  acknowledge(block: number, now: number): 'progress' | 'finished' | 'ignored' {
    // Block numbers have 16 bits and wrap: what counts is how far this one is ahead of the last.
    const ahead = (block - this.acknowledged) & 0xffff
    const outstanding = this.#highest - this.acknowledged
    // A duplicate that made us send would be answered by two ACKs, and these by two DATA each: the Sorcerer's
    // Apprentice (RFC 1123 section 4.2.3.1). Loss is found by the clock alone.
    if (ahead === 0 || ahead > outstanding) return 'ignored'
    this.acknowledged += ahead
    // RFC 7440 section 4: an ACK from within the window says that the block after it was lost. Go on from there.
    this.#next = this.acknowledged + 1
    this.silences = 0
    this.#deadline = now + this.#patience.first
    return this.acknowledged === this.lastBlock ? 'finished' : 'progress'
  }

  checkSilence(now: number): 'waiting' | 'retransmit' | 'gave-up' {
    if (now < this.#deadline) return 'waiting'
    if (this.silences === this.#patience.repetitions) return 'gave-up'
    this.silences += 1
    this.retransmits += 1
    this.#next = this.acknowledged + 1
    this.#deadline = now + this.#wait()
    return 'retransmit'
  }

  excuse(now: number): void {
    this.#deadline = now + this.#wait()
  }

  #wait(): number {
    return Math.min(this.#patience.first * 2 ** this.silences, Math.max(this.#patience.longest, this.#patience.first))
  }

  #windowEnd(): number {
    if (this.acknowledged < 0) return 0
    return Math.min(this.acknowledged + this.#windowSize, this.lastBlock)
  }
}
