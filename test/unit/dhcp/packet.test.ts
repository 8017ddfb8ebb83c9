import { describe, expect, test, vi } from 'vitest'
import { MessageType, Option, readUint8, uint8 } from '../../../src/dhcp/options.ts'
import { BOOTREQUEST, type DhcpPacket, decode, emptyPacket, encode } from '../../../src/dhcp/packet.ts'
import { capturedDhcp } from './pcap.ts'

const captured = capturedDhcp()
const discover = captured[0]?.payload as Uint8Array

/** A request with these bytes where the options stand. */
function withOptions(...bytes: number[]): Uint8Array {
  const packet = new Uint8Array(240 + bytes.length)
  packet.set(discover.subarray(0, 240))
  packet.set(bytes, 240)
  return packet
}

function decoded(bytes: Uint8Array): DhcpPacket {
  const { packet, reason } = decode(bytes)
  if (packet === undefined) throw new Error(`not decoded: ${reason}`)
  return packet
}

describe('packets of real firmware', () => {
  test('the captures hold packets of both sides', () => {
    const types = new Set(captured.map(({ payload }) => readUint8(decoded(payload).options, Option.messageType)))
    expect([...types].sort()).toEqual([1, 2, 3, 5])
    expect(captured.length).toBeGreaterThan(50)
  })

  test.each(captured.map((datagram, index) => [`${datagram.file} ${index}`, datagram.payload]))(
    '%s comes back byte for byte',
    (_, payload) => {
      expect(Buffer.from(encode(decoded(payload)).bytes)).toEqual(Buffer.from(payload))
    },
  )
})

describe('broken bytes have a reason', () => {
  test.each([
    ['nothing', new Uint8Array(0), 'shorter than 240 bytes'],
    ['a header without options', discover.subarray(0, 239), 'shorter than 240 bytes'],
    ['op 3', discover.with(0, 3), 'op 3 is neither request nor reply'],
    ['hardware address of 17 bytes', discover.with(2, 17), 'hardware address length 17 is more than the field holds'],
    ['another cookie', discover.with(239, 98), 'no magic cookie'],
    ['a code at the very end', withOptions(53), 'option 53 has no length'],
    ['a length past the end', withOptions(53, 2, 1), 'option 53 runs past the end'],
    ['overload 0', withOptions(52, 1, 0, 255), 'option 52 (overload) is not 1, 2 or 3'],
    ['overload 4', withOptions(52, 1, 4, 255), 'option 52 (overload) is not 1, 2 or 3'],
    ['overload of two bytes', withOptions(52, 2, 1, 1, 255), 'option 52 (overload) is not 1, 2 or 3'],
  ])('%s', (_, bytes, reason) => {
    expect(decode(bytes)).toEqual({ reason })
  })

  test('truncation at any offset gives a packet or a reason', () => {
    for (const { payload } of captured) {
      for (let length = 0; length < payload.length; length++) {
        const result = decode(payload.subarray(0, length))
        expect(result.packet === undefined).toBe(typeof result.reason === 'string')
      }
    }
  })
})

describe('options', () => {
  test('padding between options and a missing end are accepted', () => {
    expect([...decoded(withOptions(0, 0, 53, 1, 1, 0, 12, 0)).options.keys()]).toEqual([53, 12])
  })

  test('bytes after the end are padding, whatever they are', () => {
    expect([...decoded(withOptions(53, 1, 1, 255, 12, 200)).options.keys()]).toEqual([53])
  })

  test('an option that comes in parts is one (RFC 3396)', () => {
    const { options } = decoded(withOptions(43, 2, 1, 2, 53, 1, 1, 43, 1, 3, 255))
    expect([...(options.get(43) as Uint8Array)]).toEqual([1, 2, 3])
  })

  test('one in as many parts as a packet holds is copied once, not once for each part', () => {
    const parts = 20_000
    const bytes = withOptions(...Array.from({ length: parts }, () => [43, 1, 7]).flat(), 255)
    const copy = vi.spyOn(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array, 'set')
    const { options } = decoded(bytes)
    const copied = copy.mock.calls.reduce((sum, [from]) => sum + from.length, 0)
    copy.mockRestore()
    expect(options.get(43)).toEqual(new Uint8Array(parts).fill(7))
    expect(copied).toBe(parts)
  })

  test('an option of more than 255 bytes is sent in parts and comes back whole', () => {
    const packet = emptyPacket(BOOTREQUEST, 1)
    const long = Uint8Array.from({ length: 700 }, (_, index) => index & 255)
    packet.options.set(Option.vendorSpecific, long)
    packet.options.set(Option.messageType, uint8(MessageType.discover))
    expect(decoded(encode(packet).bytes).options).toEqual(packet.options)
  })

  test('options of zero length survive', () => {
    const packet = emptyPacket(BOOTREQUEST, 1)
    packet.options.set(80, new Uint8Array(0))
    expect(decoded(encode(packet).bytes).options).toEqual(packet.options)
  })

  test('overloaded fields are read, file before sname, and are then empty', () => {
    const bytes = withOptions(52, 1, 3, 43, 1, 1, 255)
    bytes.set([43, 1, 2, 255], 108)
    bytes.set([43, 1, 3, 12, 1, 97, 255], 44)
    const packet = decoded(bytes)
    expect([...(packet.options.get(43) as Uint8Array)]).toEqual([1, 2, 3])
    expect(packet.options.has(12)).toBe(true)
    expect(packet.file.length + packet.sname.length).toBe(0)
  })

  test('an option that runs past its overloaded field is refused', () => {
    const bytes = withOptions(52, 1, 2, 255)
    bytes.set([12, 63], 44)
    expect(decode(bytes).reason).toBe('option 12 runs past the end, in the sname field')
  })
})

describe('a limit', () => {
  const chunk = (length: number) => new Uint8Array(length).fill(7)

  test('moves options into free fields', () => {
    const packet = emptyPacket(BOOTREQUEST, 1)
    packet.options.set(200, chunk(250)).set(201, chunk(120)).set(202, chunk(60))
    const { bytes, dropped } = encode(packet, { limit: 548 })
    expect(dropped).toEqual([])
    expect(bytes.length).toBeLessThanOrEqual(548)
    expect(decoded(bytes).options).toEqual(packet.options)
  })

  test('leaves a file name alone and drops what has no room, naming it', () => {
    const packet = emptyPacket(BOOTREQUEST, 1)
    packet.file = chunk(20)
    packet.options.set(200, chunk(250)).set(201, chunk(120)).set(202, chunk(60))
    const { bytes, dropped } = encode(packet, { limit: 548 })
    expect(dropped).toEqual([201])
    expect([...decoded(bytes).options.keys()].sort()).toEqual([200, 202])
    expect(decoded(bytes).file.subarray(0, 20)).toEqual(packet.file)
  })

  test("leaves room for a relay agent's information, outside of free fields and last (RFC 3046)", () => {
    for (const size of [100, 150, 250]) {
      const packet = emptyPacket(BOOTREQUEST, 1)
      packet.options.set(200, chunk(size)).set(201, chunk(size)).set(Option.relayInformation, chunk(40))
      const { bytes } = encode(packet, { limit: 548 })
      expect([...bytes.subarray(44, 236)].indexOf(Option.relayInformation)).toBe(-1)
      expect(decoded(bytes).options.get(Option.relayInformation)).toEqual(chunk(40))
      const end = bytes.lastIndexOf(255)
      expect([...bytes.subarray(end - 42, end - 40)]).toEqual([Option.relayInformation, 40])
    }
  })

  test('is kept by every packet, however full', () => {
    for (let size = 1; size < 400; size += 7) {
      const packet = emptyPacket(BOOTREQUEST, 1)
      for (let code = 100; code < 110; code++) packet.options.set(code, chunk(size))
      const { bytes, dropped } = encode(packet, { limit: 548 })
      expect(bytes.length).toBeLessThanOrEqual(548)
      const kept = decoded(bytes).options
      expect(kept.size + dropped.length).toBe(10)
      for (const data of kept.values()) expect(data).toEqual(chunk(size))
    }
  })
})
