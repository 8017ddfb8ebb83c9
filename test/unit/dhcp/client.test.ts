import { describe, expect, test } from 'vitest'
import { describeClient, replyLimit } from '../../../src/dhcp/client.ts'
import { Option, uint16 } from '../../../src/dhcp/options.ts'
import { type DhcpPacket, decode } from '../../../src/dhcp/packet.ts'
import { summary } from '../../../src/dhcp/summary.ts'
import { request } from './build.ts'
import { readCapture } from './pcap.ts'

function firstDiscover(file: string): DhcpPacket {
  const datagram = readCapture(file).find(({ targetPort }) => targetPort === 67)
  const { packet } = decode(datagram?.payload ?? new Uint8Array(0))
  if (packet === undefined) throw new Error(`${file} begins with no DHCP packet`)
  return packet
}

describe('real firmware is recognised', () => {
  test('iPXE under BIOS', () => {
    const client = describeClient(firstDiscover('bios-iperom-script-http.pcap'))
    expect(client).toMatchObject({ architecture: 0, firmware: 'bios', ipxe: true, netboot: true, httpBoot: false })
    expect(client.vendorClass).toBe('PXEClient:Arch:00000:UNDI:002001')
  })

  test('edk2 x64 is no iPXE', () => {
    const client = describeClient(firstDiscover('efi64-native-grub.pcap'))
    expect(client).toMatchObject({ architecture: 7, firmware: 'uefi-x64', ipxe: false, netboot: true })
  })
})

describe('the architecture', () => {
  test.each([
    [0, 'bios'],
    [6, 'uefi-ia32'],
    [7, 'uefi-x64'],
    [9, 'uefi-x64'],
    [11, 'uefi-arm64'],
    [16, 'uefi-x64'],
    [4711, 'unknown'],
  ])('code %i is %s', (code, firmware) => {
    expect(describeClient(request('discover', { options: [[93, uint16(code)]] })).firmware).toBe(firmware)
  })

  test('is read from the class when the option is missing or odd', () => {
    const options: [number, string | Uint8Array][] = [
      [60, 'PXEClient:Arch:00006:UNDI:003016'],
      [93, Uint8Array.of(0, 7, 0)],
    ]
    expect(describeClient(request('discover', { options })).architecture).toBe(6)
  })

  test('is the first of a list', () => {
    expect(describeClient(request('discover', { options: [[93, Uint8Array.of(0, 9, 0, 7)]] })).architecture).toBe(9)
  })
})

test.each([
  ['the bare text', Buffer.from('iPXE'), true],
  ['a class with its length (RFC 3004)', Buffer.from('\x04iPXE'), true],
  ['another class', Buffer.from('iPXE2'), false],
])('iPXE is known by its user class: %s', (_, data, ipxe) => {
  expect(describeClient(request('discover', { options: [[77, data]] })).ipxe).toBe(ipxe)
})

test('the machine identifier reads as dmidecode shows it', () => {
  const data = Buffer.from('0033221100554477668899aabbccddeeff', 'hex')
  expect(describeClient(request('discover', { options: [[97, data]] })).uuid).toBe(
    '00112233-4455-6677-8899-aabbccddeeff',
  )
})

test.each([
  ['all zero', Buffer.alloc(17)],
  ['all ones', Buffer.from(`00${'ff'.repeat(16)}`, 'hex')],
  ['of another type', Buffer.from(`01${'11'.repeat(16)}`, 'hex')],
  ['too short', Buffer.from('0011', 'hex')],
])('a machine identifier that is %s is none', (_, data) => {
  expect(describeClient(request('discover', { options: [[97, data]] })).uuid).toBeUndefined()
})

describe('host names', () => {
  test.each(['pc-07', 'pc-07.lab.example', 'a', 'X1'])('%s is taken', (name) => {
    expect(describeClient(request('discover', { options: [[12, name]] })).hostname).toBe(name)
  })

  test('a NUL at the end does not count', () => {
    expect(describeClient(request('discover', { options: [[12, 'pc\0']] })).hostname).toBe('pc')
  })

  test.each(['../../etc/passwd', '<img src=x>', 'a\nb', '\x1b[2J', '-a', 'a-', '', 'a..b', 'ä', 'x'.repeat(64)])(
    '%j is not',
    (name) => {
      expect(describeClient(request('discover', { options: [[12, name]] })).hostname).toBeUndefined()
    },
  )
})

test('the vendor class is cleaned before it can reach a screen', () => {
  expect(describeClient(request('discover', { options: [[60, 'a\x1b[31m\n\u202e']] })).vendorClass).toBe('a?[31m??')
})

test.each([
  [undefined, 548],
  [0, 548],
  [576, 548],
  [1472, 1444],
  [65535, 1472],
])('option 57 = %s allows %i bytes', (size, limit) => {
  const options: [number, Uint8Array][] = size === undefined ? [] : [[Option.maximumSize, uint16(size)]]
  expect(replyLimit(request('discover', { options }))).toBe(limit)
})

test('the summary is one clean line', () => {
  const line = summary(firstDiscover('bios-iperom-script-http.pcap'))
  expect(line).toMatch(/^DISCOVER, 52:54:00:00:00:02, xid [0-9a-f]{8}, .*firmware bios, iPXE$/)
  expect(summary(request('request', { options: [[60, '\n\x07']] }))).toMatch(/class \?\?/)
})
