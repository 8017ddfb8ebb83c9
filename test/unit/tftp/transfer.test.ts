import { describe, expect, test } from 'vitest'
import { createTransfer, type Transfer, type TransferOptions } from '../../../src/tftp/transfer.ts'

const patience = { first: 400, longest: 2000, repetitions: 4 }

function transferOf(options: Partial<TransferOptions>): Transfer {
  return createTransfer({ size: 5000, blockSize: 512, windowSize: 1, optionAck: false, patience, now: 0, ...options })
}

/** Lets everything out that may go out now. */
function sendAll(transfer: Transfer): number[] {
  const blocks: number[] = []
  for (let block = transfer.nextBlock(); block !== undefined; block = transfer.nextBlock()) {
    transfer.sent()
    blocks.push(block)
  }
  return blocks
}

describe('blocks', () => {
  test.each([
    ['an empty file is one empty block', 0, [0]],
    ['one byte', 1, [1]],
    ['one byte less than a block', 511, [511]],
    ['exactly one block is followed by an empty one', 512, [512, 0]],
    ['one byte more', 513, [512, 1]],
    ['exactly two blocks', 1024, [512, 512, 0]],
  ])('%s', (_what, size, lengths) => {
    const transfer = transferOf({ size })
    const seen: number[] = []
    for (let block = 1; block <= transfer.lastBlock; block += 1) seen.push(transfer.length(block))
    expect(seen).toEqual(lengths)
  })

  test('the offset of a block is where the one before ended', () => {
    const transfer = transferOf({ size: 5000, blockSize: 1468 })
    expect([1, 2, 3].map((block) => transfer.offset(block))).toEqual([0, 1468, 2936])
  })
})

describe('without options', () => {
  test('the first block goes out at once, each next one after an ACK', () => {
    const transfer = transferOf({ size: 1200 })
    expect(sendAll(transfer)).toEqual([1])
    expect(transfer.acknowledge(1, 1)).toBe('progress')
    expect(sendAll(transfer)).toEqual([2])
    expect(transfer.acknowledge(2, 2)).toBe('progress')
    expect(sendAll(transfer)).toEqual([3])
    expect(transfer.acknowledge(3, 3)).toBe('finished')
    expect(sendAll(transfer)).toEqual([])
  })

  test('ACK 0 means nothing', () => {
    const transfer = transferOf({})
    sendAll(transfer)
    expect(transfer.acknowledge(0, 1)).toBe('ignored')
  })
})

describe('with options', () => {
  test('no block goes out before the OACK is acknowledged', () => {
    const transfer = transferOf({ optionAck: true, windowSize: 4 })
    expect(sendAll(transfer)).toEqual([0])
    expect(transfer.acknowledge(1, 1)).toBe('ignored')
    expect(sendAll(transfer)).toEqual([])
    expect(transfer.acknowledge(0, 1)).toBe('progress')
    expect(sendAll(transfer)).toEqual([1, 2, 3, 4])
  })
})

describe('a window (RFC 7440)', () => {
  test('goes out whole, and the next after its last block is acknowledged', () => {
    const transfer = transferOf({ windowSize: 4 })
    expect(sendAll(transfer)).toEqual([1, 2, 3, 4])
    transfer.acknowledge(4, 1)
    expect(sendAll(transfer)).toEqual([5, 6, 7, 8])
  })

  test('ends with the file', () => {
    const transfer = transferOf({ windowSize: 64 })
    expect(sendAll(transfer)).toHaveLength(10)
    expect(transfer.acknowledge(10, 1)).toBe('finished')
  })

  test('goes on after the last block that arrived in order', () => {
    const transfer = transferOf({ windowSize: 4 })
    sendAll(transfer)
    expect(transfer.acknowledge(2, 1)).toBe('progress')
    expect(sendAll(transfer)).toEqual([3, 4, 5, 6])
  })

  test('a late ACK for blocks that were already sent before the hole counts', () => {
    const transfer = transferOf({ windowSize: 4 })
    sendAll(transfer)
    transfer.acknowledge(2, 1)
    expect(transfer.acknowledge(4, 2)).toBe('progress')
    expect(sendAll(transfer)).toEqual([5, 6, 7, 8])
  })
})

describe('ACKs that say nothing new never cause a DATA', () => {
  test.each([1, 4, 64])('duplicates, window %d', (windowSize) => {
    const transfer = transferOf({ windowSize, size: 512 * 300 })
    sendAll(transfer)
    transfer.acknowledge(windowSize, 1)
    sendAll(transfer)
    for (let copy = 0; copy < 3; copy += 1) {
      expect(transfer.acknowledge(windowSize, 2)).toBe('ignored')
      expect(sendAll(transfer)).toEqual([])
    }
  })

  test('old ones', () => {
    const transfer = transferOf({ windowSize: 1 })
    for (let block = 1; block <= 5; block += 1) {
      sendAll(transfer)
      transfer.acknowledge(block, block)
    }
    sendAll(transfer)
    for (const old of [0, 1, 2, 3, 4]) expect(transfer.acknowledge(old, 9)).toBe('ignored')
    expect(sendAll(transfer)).toEqual([])
  })

  test('future ones', () => {
    const transfer = transferOf({ windowSize: 4 })
    sendAll(transfer)
    for (const future of [5, 6, 100, 32768, 65535]) expect(transfer.acknowledge(future, 1)).toBe('ignored')
    expect(sendAll(transfer)).toEqual([])
    expect(transfer.acknowledged).toBe(0)
  })

  test('they do not postpone the repetition', () => {
    const transfer = transferOf({})
    sendAll(transfer)
    transfer.acknowledge(1, 100)
    sendAll(transfer)
    transfer.acknowledge(1, 450)
    expect(transfer.checkSilence(500)).toBe('retransmit')
  })
})

describe('block numbers wrap after 65535', () => {
  test.each([1, 7, 64])('window %d', (windowSize) => {
    const blocks = 65536 * 2 + 10
    const transfer = transferOf({ windowSize, blockSize: 8, size: blocks * 8 - 1 })
    let expected = 1
    let verdict = 'progress'
    while (verdict === 'progress') {
      const sent = sendAll(transfer)
      expect(sent[0]).toBe(expected)
      expected = (sent.at(-1) as number) + 1
      verdict = transfer.acknowledge((expected - 1) & 0xffff, 1)
    }
    expect(verdict).toBe('finished')
    expect(transfer.acknowledged).toBe(blocks)
  })
})

describe('silence', () => {
  test('is borne, then the whole window is sent again, after waits that double up to a bound', () => {
    const transfer = transferOf({ windowSize: 2 })
    expect(sendAll(transfer)).toEqual([1, 2])
    const deadlines = [400, 1200, 2800, 4800]
    for (const deadline of deadlines) {
      expect(transfer.checkSilence(deadline - 1)).toBe('waiting')
      expect(transfer.checkSilence(deadline)).toBe('retransmit')
      expect(sendAll(transfer)).toEqual([1, 2])
    }
    expect(transfer.checkSilence(6799)).toBe('waiting')
    expect(transfer.checkSilence(6800)).toBe('gave-up')
    expect(transfer.retransmits).toBe(4)
  })

  test('an answer starts the waits anew', () => {
    const transfer = transferOf({})
    sendAll(transfer)
    transfer.checkSilence(400)
    sendAll(transfer)
    transfer.acknowledge(1, 1000)
    expect(transfer.silences).toBe(0)
    expect(transfer.checkSilence(1399)).toBe('waiting')
    expect(transfer.checkSilence(1400)).toBe('retransmit')
  })

  test('the OACK is sent again, too', () => {
    const transfer = transferOf({ optionAck: true })
    sendAll(transfer)
    expect(transfer.checkSilence(400)).toBe('retransmit')
    expect(sendAll(transfer)).toEqual([0])
  })

  test('an ACK for a window that was repeated in part counts', () => {
    const transfer = transferOf({ windowSize: 4 })
    sendAll(transfer)
    transfer.checkSilence(400)
    transfer.sent()
    expect(transfer.acknowledge(4, 500)).toBe('progress')
    expect(sendAll(transfer)).toEqual([5, 6, 7, 8])
  })

  test('a delay of our own does not count against the client', () => {
    const transfer = transferOf({})
    transfer.excuse(5000)
    expect(transfer.checkSilence(5399)).toBe('waiting')
    expect(transfer.checkSilence(5400)).toBe('retransmit')
  })
})
