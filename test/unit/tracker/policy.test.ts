import { describe, expect, test } from 'vitest'
import { type AnnounceFacts, PEERS_PER_ADDRESS, refusalOf } from '../../../src/tracker/policy.ts'

const announce: AnnounceFacts = { port: 6881, torrent: 'tracked', isKnown: false, fromAddress: 0 }

describe('an announce', () => {
  test('of one of our torrents is welcome', () => {
    expect(refusalOf(announce)).toBeUndefined()
  })

  test('of any other torrent is refused', () => {
    expect(refusalOf({ ...announce, torrent: 'unknown' })).toContain('not tracked')
  })

  test('of a torrent whose files have changed tells the machine what to do', () => {
    expect(refusalOf({ ...announce, torrent: 'retired' })).toContain('start the machine again')
  })

  test.each([6881.5, 0, -1, 65536, Number.NaN, Number.POSITIVE_INFINITY])('with port %d is refused', (port) => {
    expect(refusalOf({ ...announce, port })).toContain('port')
  })

  test.each([1, 65535])('with port %d is welcome', (port) => {
    expect(refusalOf({ ...announce, port })).toBeUndefined()
  })

  test('from an address with too many peers is refused, but its known peers go on', () => {
    const crowded = { ...announce, fromAddress: PEERS_PER_ADDRESS }
    expect(refusalOf(crowded)).toContain('too many')
    expect(refusalOf({ ...crowded, isKnown: true })).toBeUndefined()
    expect(refusalOf({ ...announce, fromAddress: PEERS_PER_ADDRESS - 1 })).toBeUndefined()
  })
})
