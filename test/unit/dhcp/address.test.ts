import { describe, expect, test } from 'vitest'
import { broadcastAddress, formatAddress, isNetmask, parseAddress, parseMac } from '../../../src/dhcp/address.ts'

describe('addresses', () => {
  test.each(['0.0.0.0', '172.30.0.1', '255.255.255.255', '10.0.0.10'])('%s is one', (text) => {
    expect(formatAddress(parseAddress(text) ?? -1)).toBe(text)
  })

  test.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.4444',
    '01.2.3.4',
    '1.2.3.-4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.a',
    '0x1.2.3.4',
    '1.2.3.4/24',
    '１.2.3.4',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})

test.each([
  ['255.255.255.0', true],
  ['255.255.255.255', true],
  ['0.0.0.0', true],
  ['255.255.128.0', true],
  ['255.0.255.0', false],
  ['0.0.0.255', false],
])('%s as a netmask: %s', (text, valid) => {
  expect(isNetmask(parseAddress(text) ?? 0)).toBe(valid)
})

test('the broadcast address has all host bits set', () => {
  const address = parseAddress('172.30.5.9') ?? 0
  expect(formatAddress(broadcastAddress(address, parseAddress('255.255.252.0') ?? 0))).toBe('172.30.7.255')
})

test('hardware addresses are written with colons or dashes, and nothing else', () => {
  expect([...(parseMac('52:54:00:Ab-00-01') ?? [])]).toEqual([0x52, 0x54, 0, 0xab, 0, 1])
  for (const text of ['52:54:00:00:00', '525400000001', '52:54:00:00:00:0g', '']) expect(parseMac(text)).toBeUndefined()
})
