import { describe, expect, test } from 'vitest'
import { chooseMachines, magicPacket } from '../../../src/wake/index.ts'
import { broadcastAddress } from '../../../src/wake/magic-packet.ts'

test('the magic packet is six bytes of ones and the address sixteen times', () => {
  const packet = Buffer.from(magicPacket('52:54:00:12:34:56')).toString('hex')
  expect(packet).toBe('ff'.repeat(6) + '525400123456'.repeat(16))
})

test.each([
  ['192.168.1.7', '255.255.255.0', '192.168.1.255'],
  ['10.1.2.3', '255.255.252.0', '10.1.3.255'],
  ['192.0.2.1', '255.255.255.255', '192.0.2.1'],
])('the last address of the network of %s/%s is %s', (address, netmask, last) => {
  expect(broadcastAddress({ address, netmask })).toBe(last)
})

describe('whom a person means', () => {
  const named = [
    { mac: '52:54:00:00:00:01', name: 'teacher' },
    { mac: '52:54:00:00:00:02', name: 'PC-02' },
  ]

  test('a MAC address in any way of writing, or a name whatever its case, each once', () => {
    const words = ['52:54:00:AB:CD:EF', '52-54-00-ab-cd-ef', '5254.00ab.cdef', '525400abcdef', 'pc-02', 'Teacher']
    expect(chooseMachines(words, named)).toEqual(['52:54:00:ab:cd:ef', '52:54:00:00:00:02', '52:54:00:00:00:01'])
  })

  test('a word that is neither is said back, with what might be meant', () => {
    expect(() => chooseMachines(['techer'], named)).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('Did you mean teacher?') }),
    )
    expect(() => chooseMachines(['52:54:00'], [])).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
