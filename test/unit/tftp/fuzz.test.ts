/** Random and damaged requests, and clients that acknowledge what they like. */
import { describe, expect, test } from 'vitest'
import { decodePacket, encodePacket } from '../../../src/tftp/index.ts'
import { fuzzSettings } from '../fuzz-settings.ts'
import { fuzzCodec, fuzzTransfer } from './fuzz.ts'

const { cases, seeds } = fuzzSettings({ cases: 20_000, seeds: [69, 2018] })

describe.each(seeds)('seed %i', (seed) => {
  test('the codec answers everything, and what it reads it can write', () => {
    const counts = fuzzCodec(seed, cases, (packet) => {
      const again = decodePacket(encodePacket(packet))
      if (JSON.stringify(again) !== JSON.stringify(packet)) throw new Error('what was written is read differently')
    })
    expect(counts.understood).toBeGreaterThan(cases / 20)
    expect(counts.malformed).toBeGreaterThan(cases / 20)
  })

  test('no acknowledgement makes a transfer break a rule, and every transfer ends', () => {
    const rounds = Math.ceil(cases / 10)
    const { finished, gaveUp } = fuzzTransfer(seed, rounds)
    expect(finished + gaveUp).toBe(rounds)
    expect(finished).toBeGreaterThan(rounds / 5)
    expect(gaveUp).toBeGreaterThan(rounds / 20)
  })
})
