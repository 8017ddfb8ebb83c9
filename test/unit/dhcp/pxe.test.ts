import { describe, expect, test } from 'vitest'
import { addresses, MessageType, Option, readEncapsulated, textOf, uint16 } from '../../../src/dhcp/options.ts'
import { decode, encode } from '../../../src/dhcp/packet.ts'
import { asks, chooses, LAN, names, replyOf, request, testServer, UNICAST } from './build.ts'

const BOOT = { server: '172.30.0.1', file: 'snponly.efi' }
const bootFile = () => BOOT
const MACHINE = Buffer.from(`00${'12'.repeat(16)}`, 'hex')

const firmware: [number, Uint8Array | string][] = [
  [Option.vendorClass, 'PXEClient:Arch:00007:UNDI:003000'],
  [Option.architecture, uint16(7)],
  [Option.machineIdentifier, MACHINE],
]
const ipxe: [number, Uint8Array | string][] = [...firmware, [Option.userClass, 'iPXE']]
const httpClient: [number, Uint8Array | string][] = [
  [Option.vendorClass, 'HTTPClient:Arch:00016:UNDI:003000'],
  [Option.architecture, uint16(16)],
]
const text = (data: Uint8Array | undefined) => textOf(data ?? new Uint8Array())

describe('firmware is told its boot file in every way there is', () => {
  const { packet } = replyOf(testServer({ bootFile }).answer(request('discover', { options: firmware })))
  const { options } = packet

  test('in the fixed fields', () => {
    expect(packet.siaddr).toBe(BOOT.server)
    expect([text(packet.file), text(packet.sname)]).toEqual([BOOT.file, BOOT.server])
  })

  test('in options 66 and 67, the latter with the NUL that old firmware needs', () => {
    expect(text(options.get(Option.tftpServerName))).toBe(BOOT.server)
    expect(Buffer.from(options.get(Option.bootFile) ?? []).toString()).toBe(`${BOOT.file}\0`)
  })

  test('as a PXE answer that says: this file, no menu, no search', () => {
    expect(text(options.get(Option.vendorClass))).toBe('PXEClient')
    expect([...(options.get(Option.vendorSpecific) ?? [])]).toEqual([6, 1, 8, 255])
    expect(options.get(Option.machineIdentifier)).toEqual(MACHINE)
  })

  test('within 548 bytes, nothing left out', () => {
    expect(encode(packet, { limit: 548 })).toMatchObject({ dropped: [] })
  })
})

test('iPXE is told to follow no proxy, and only iPXE', () => {
  const answer = (options: typeof ipxe) => replyOf(testServer({ bootFile }).answer(request('discover', { options })))
  const told = readEncapsulated(answer(ipxe).packet.options.get(Option.ipxe) ?? new Uint8Array())
  expect(told).toEqual(new Map([[176, Uint8Array.of(1)]]))
  expect(answer(firmware).packet.options.has(Option.ipxe)).toBe(false)
})

describe('an iPXE that a BIOS loads', () => {
  const script = 'http://172.30.0.1:8000/boot.ipxe'
  const bios: [number, Uint8Array | string][] = [
    [Option.vendorClass, 'PXEClient:Arch:00000:UNDI:002001'],
    [Option.architecture, uint16(0)],
    [Option.machineIdentifier, MACHINE],
  ]
  const server = () => testServer({ bootFile: () => ({ ...BOOT, ipxeScript: script }) })

  test('is told what to run, in the answer to the firmware, which fits into 548 bytes', () => {
    const { packet } = replyOf(server().answer(request('discover', { options: bios })))
    const told = readEncapsulated(packet.options.get(Option.ipxe) ?? new Uint8Array())
    expect([...(told ?? [])].map(([code, data]) => [code, text(data)])).toEqual([
      [81, `ifconf -c dhcp && chain ${script} || autoboot`],
    ])
    expect(encode(packet, { limit: 548 })).toMatchObject({ dropped: [] })
  })

  test('has its own way under UEFI', () => {
    const { packet } = replyOf(server().answer(request('discover', { options: firmware })))
    expect(packet.options.has(Option.ipxe)).toBe(false)
  })
})

test('an HTTP boot client gets a URL and its class back, and no PXE options', () => {
  const url = 'http://172.30.0.1/snponly.efi'
  const server = testServer({ bootFile: (client) => (client.httpBoot ? { ...BOOT, file: url } : undefined) })
  const { packet } = replyOf(server.answer(request('discover', { options: httpClient })))
  expect(text(packet.options.get(Option.vendorClass))).toBe('HTTPClient')
  expect(Buffer.from(packet.options.get(Option.bootFile) ?? []).toString()).toBe(url)
  expect(packet.options.has(Option.vendorSpecific)).toBe(false)
})

test('the boot file comes with the ACK too', () => {
  const server = testServer({ bootFile })
  const { yiaddr } = replyOf(server.answer(request('discover', { options: firmware }))).packet
  const options = [...firmware, asks(yiaddr), chooses(LAN.address)]
  expect(text(replyOf(server.answer(request('request', { options }))).packet.file)).toBe(BOOT.file)
})

test('a machine that does not ask to be booted is told no boot file', () => {
  const { packet } = replyOf(testServer({ bootFile }).answer(request('discover')))
  expect(packet.siaddr).toBe('0.0.0.0')
  expect(packet.options.has(Option.bootFile)).toBe(false)
})

test('a kind without a boot file is reported, and still gets its address', () => {
  const outcomes = testServer().answer(request('discover', { options: firmware }))
  expect(names(outcomes)).toEqual(['discover', 'no-boot-file', 'offer'])
})

test('a file name that is too long for its field goes by option alone', () => {
  const file = `${'long/'.repeat(30)}boot.efi`
  const server = testServer({ bootFile: () => ({ ...BOOT, file }) })
  const { packet } = replyOf(server.answer(request('discover', { options: firmware })))
  const { packet: received } = decode(encode(packet, { limit: 548 }).bytes)
  expect(received?.file.length).toBe(0)
  expect(text(received?.options.get(Option.bootFile))).toBe(file)
})

test('PXELINUX is told its configuration and its folder (RFC 5071)', () => {
  const pxelinux = { configFile: 'menu.cfg', pathPrefix: 'pxelinux/' }
  const server = testServer({ bootFile: () => ({ ...BOOT, pxelinux }) })
  const { options } = replyOf(server.answer(request('discover', { options: firmware }))).packet
  expect([text(options.get(209)), text(options.get(210))]).toEqual(['menu.cfg', 'pxelinux/'])
})

test('option 150 comes when it is asked for', () => {
  const options = [...firmware, [Option.parameterList, Uint8Array.of(150)] as [number, Uint8Array]]
  const { packet } = replyOf(testServer({ bootFile }).answer(request('discover', { options })))
  expect(packet.options.get(150)).toEqual(addresses(BOOT.server))
})

describe('beside another DHCP server', () => {
  const proxy = () => testServer({ bootFile, kind: 'proxy' })

  test('firmware is offered a boot file and no address', () => {
    const reply = replyOf(proxy().answer(request('discover', { options: firmware })))
    expect(reply).toMatchObject({ type: MessageType.offer, packet: { yiaddr: '0.0.0.0', siaddr: BOOT.server } })
    expect(text(reply.packet.options.get(Option.vendorClass))).toBe('PXEClient')
    for (const code of [1, 3, 51, 58, 59, 175]) expect(reply.packet.options.has(code)).toBe(false)
  })

  test.each([
    ['a machine that is not booting', request('discover')],
    ['RELEASE', request('release', { options: firmware })],
    ['INFORM', request('inform', { options: firmware, ciaddr: '172.30.0.9' })],
    ['BOOTP', request(undefined, { options: firmware })],
    ['REQUEST without a server', request('request', { options: firmware })],
  ])('%s is none of our business', (_, packet) => {
    expect(names(proxy().answer(packet))).toEqual(['ignored'])
  })

  test('the server that a machine chooses is named', () => {
    const outcomes = proxy().answer(request('request', { options: [asks('172.30.0.9'), chooses('172.30.0.2')] }))
    expect(outcomes).toMatchObject([{ event: { name: 'other-server', fact: { server: '172.30.0.2' } } }])
    expect(outcomes[0]?.reply).toBeUndefined()
  })

  test('a kind without a boot file gets silence, and what is missing is reported', () => {
    const server = testServer({ kind: 'proxy', bootFile: () => ({ missing: 'a loader for it' }) })
    const outcomes = server.answer(request('discover', { options: firmware }))
    expect(names(outcomes)).toEqual(['discover', 'no-boot-file'])
    expect(outcomes[1]?.event?.fact).toMatchObject({ missing: 'a loader for it', interface: LAN.name })
  })

  test('a relay agent of a network that we do not know is answered: who gives its addresses is none of our business', () => {
    const packet = request('discover', { giaddr: '10.7.0.1', options: [...firmware, [82, Uint8Array.of(1, 1, 7)]] })
    const reply = replyOf(proxy().answer(packet, UNICAST))
    expect(reply).toMatchObject({
      from: LAN,
      to: { address: '10.7.0.1', port: 'server' },
      packet: { yiaddr: '0.0.0.0' },
    })
    expect([...(reply.packet.options.get(82) ?? [])]).toEqual([1, 1, 7])
  })

  test.each(['8.8.8.8', '127.0.0.1', '224.0.0.1', '192.168.99.1'])('a relay agent at %s is not', (giaddr) => {
    const server = testServer({ bootFile, kind: 'proxy', elsewhere: (address) => address.startsWith('192.168.99.') })
    expect(names(server.answer(request('discover', { giaddr, options: firmware }), UNICAST))).toEqual(['ignored'])
  })
})

describe('port 4011', () => {
  const bootServer = () => testServer({ bootFile, kind: 'boot-server' })
  const from = (address: string, port = 68) => ({ interface: LAN, unicast: true, from: { address, port } })

  test('answers to where the question came from, from port 4011', () => {
    const packet = request('request', { ciaddr: '172.30.0.120', options: firmware })
    const reply = replyOf(bootServer().answer(packet, from('172.30.0.120', 4011)))
    expect(reply).toMatchObject({ type: MessageType.ack, socket: 'proxy', to: { address: '172.30.0.120', port: 4011 } })
    expect(text(reply.packet.file)).toBe(BOOT.file)
    expect(reply.packet.yiaddr).toBe('0.0.0.0')
  })

  test('repeats the boot item that was asked for (PXE 2.1)', () => {
    const options = [...firmware, [43, Uint8Array.of(71, 4, 0, 1, 0, 0, 255)] as [number, Uint8Array]]
    const packet = request('request', { ciaddr: '172.30.0.120', options })
    const { options: answered } = replyOf(bootServer().answer(packet, from('172.30.0.120'))).packet
    expect([...(answered.get(43) ?? [])]).toEqual([6, 1, 8, 71, 4, 0, 1, 0, 0, 255])
  })

  test('does not mind broken PXE options', () => {
    const options = [...firmware, [43, Uint8Array.of(71, 200, 0)] as [number, Uint8Array]]
    const packet = request('request', { ciaddr: '172.30.0.120', options })
    expect([...(replyOf(bootServer().answer(packet, UNICAST)).packet.options.get(43) ?? [])]).toEqual([6, 1, 8, 255])
  })

  test.each([
    ['of another network', request('request', { ciaddr: '8.8.8.8', options: firmware }), '8.8.8.8'],
    ['that boots nothing', request('request', { ciaddr: '172.30.0.9' }), '172.30.0.9'],
    ['that declines', request('decline', { ciaddr: '172.30.0.9', options: firmware }), '172.30.0.9'],
  ])('leaves a machine %s alone', (_, packet, address) => {
    expect(names(bootServer().answer(packet, from(address)))).toEqual(['ignored'])
  })
})
