import { describe, expect, test } from 'vitest'
import { decodePacket, encodePacket, type Packet, writeDataHeader } from '../../../src/tftp/index.ts'
import { capturedRequests } from './fuzz.ts'

describe('requests of real firmware', () => {
  test('there are some of each kind', () => {
    expect(capturedRequests.length).toBeGreaterThan(30)
  })

  test.each(capturedRequests.map((one) => [one.file, Buffer.from(one.payload).toString('latin1'), one.payload]))(
    '%s: %j is read, and written again byte for byte',
    (_file, _text, payload) => {
      const packet = decodePacket(payload)
      expect(packet.kind).toBe('RRQ')
      expect(encodePacket(packet as Packet)).toEqual(Buffer.from(payload))
    },
  )

  test('edk2 asks for the size, 1468 bytes and a window of 4', () => {
    const request = capturedRequests.find(({ file }) => file === 'efi64-native-grub.pcap')
    expect(decodePacket(request?.payload ?? new Uint8Array())).toEqual({
      kind: 'RRQ',
      file: 'grubx64.efi',
      mode: 'octet',
      options: [
        { name: 'tsize', value: '0' },
        { name: 'blksize', value: '1468' },
        { name: 'windowsize', value: '4' },
      ],
    })
  })
})

test.each<Packet>([
  { kind: 'RRQ', file: 'a/ü.cfg', mode: 'octet', options: [{ name: 'BlkSize', value: '1468' }] },
  { kind: 'WRQ', file: 'x', mode: 'netascii', options: [] },
  { kind: 'DATA', block: 65535, data: Buffer.from('abc') },
  { kind: 'DATA', block: 1, data: Buffer.alloc(0) },
  { kind: 'ACK', block: 0 },
  { kind: 'ERROR', code: 8, message: 'no' },
  { kind: 'OACK', options: [{ name: 'tsize', value: '0' }] },
])('$kind goes to bytes and back', (packet) => {
  expect(decodePacket(encodePacket(packet))).toEqual(packet)
})

test.each([
  ['nothing', ''],
  ['one byte', '00'],
  ['two bytes', '0004'],
  ['three bytes', '000400'],
  ['an unknown opcode', '00070000'],
  ['opcode 0', '00000000'],
  ['a request without any NUL', '00016162636465'],
  ['a request whose mode does not end', '000161006f63746574'],
])('%s is malformed, and does not throw', (_what, hex) => {
  expect(decodePacket(Buffer.from(hex, 'hex')).kind).toBe('malformed')
})

test('a request padded with NULs has no options', () => {
  const padded = Buffer.concat([Buffer.from('\0\x01file\0octet\0'), Buffer.alloc(40)])
  expect(decodePacket(padded)).toEqual({ kind: 'RRQ', file: 'file', mode: 'octet', options: [] })
})

test('an option without a value is left out', () => {
  expect(decodePacket(Buffer.from('\0\x01file\0octet\0tsize\0'))).toMatchObject({ options: [] })
})

test('the mode is read in any case', () => {
  expect(decodePacket(Buffer.from('\0\x01file\0OcTeT\0'))).toMatchObject({ mode: 'octet' })
})

test('a thousand options are read no further than sixteen', () => {
  const packet = decodePacket(Buffer.from(`\0\x01file\0octet\0${'a\x001\0'.repeat(1000)}`))
  expect(packet).toMatchObject({ kind: 'RRQ' })
  expect(packet).toHaveProperty('options.length', 16)
})

test('an ERROR text without its NUL is read to the end', () => {
  expect(decodePacket(Buffer.from('\0\x05\0\x01gone'))).toEqual({ kind: 'ERROR', code: 1, message: 'gone' })
})

test('a NUL inside a text cannot smuggle in an option', () => {
  const bytes = encodePacket({ kind: 'ERROR', code: 0, message: 'a\0b' })
  expect(decodePacket(bytes)).toEqual({ kind: 'ERROR', code: 0, message: 'ab' })
})

test('the header of DATA wraps after block 65535', () => {
  const header = Buffer.alloc(4)
  writeDataHeader(header, 65536 + 7)
  expect(decodePacket(header)).toEqual({ kind: 'DATA', block: 7, data: Buffer.alloc(0) })
})
