import { describe, expect, test } from 'vitest'
import { PEERS_PER_ADDRESS, refusalOf } from '../../../src/tracker/policy.ts'

const ours = 'aa'.repeat(20)
const isTracked = (infoHash: string) => infoHash === ours
const announce = { infoHash: ours, ip: '192.0.2.7', port: 6881 }

describe('an announce', () => {
  test('of one of our torrents is welcome', () => {
    expect(refusalOf(announce, isTracked, [])).toBeUndefined()
  })

  test('of any other torrent is refused', () => {
    expect(refusalOf({ ...announce, infoHash: 'bb'.repeat(20) }, isTracked, [])).toContain('not tracked')
  })

  test.each([6881.5, 0, -1, 65536, Number.NaN, Number.POSITIVE_INFINITY])('with port %d is refused', (port) => {
    expect(refusalOf({ ...announce, port }, isTracked, [])).toContain('port')
  })

  test.each([1, 65535])('with port %d is welcome', (port) => {
    expect(refusalOf({ ...announce, port }, isTracked, [])).toBeUndefined()
  })

  test('from an address with too many peers is refused, but its known peers go on', () => {
    const known = Array.from({ length: PEERS_PER_ADDRESS }, (_, index) => `192.0.2.7:${7000 + index}`)
    expect(refusalOf(announce, isTracked, known)).toContain('too many')
    expect(refusalOf({ ...announce, port: 7000 }, isTracked, known)).toBeUndefined()
    expect(refusalOf({ ...announce, ip: '192.0.2.70' }, isTracked, known)).toBeUndefined()
  })
})
