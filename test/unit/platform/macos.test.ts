/** Texts in the form that macOS' manual pages describe and its programs print; nothing here needs a Mac. */
import { describe, expect, test } from 'vitest'
import { readArp } from '../../../src/platform/macos/arp.ts'
import { interfacesOf, readIfconfig } from '../../../src/platform/macos/ifconfig.ts'
import { readLsof } from '../../../src/platform/macos/lsof.ts'

test('neighbours are read with whole bytes; broadcast, groups and those without an answer are left out', () => {
  const text = `? (192.168.1.1) at 0:1a:2b:3:4:5 on en0 ifscope [ethernet]
pc-07.local (192.168.1.23) at 52:54:0:ab:cd:ef on en0 ifscope permanent [ethernet]
? (192.168.1.99) at (incomplete) on en0 ifscope [ethernet]
? (192.168.1.255) at ff:ff:ff:ff:ff:ff on en0 ifscope [ethernet]
? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]
`
  expect([...readArp(text)]).toEqual([
    ['192.168.1.1', '00:1a:2b:03:04:05'],
    ['192.168.1.23', '52:54:00:ab:cd:ef'],
  ])
  expect(readArp('arp: no such table\n').size).toBe(0)
})

const ifconfig = `lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384
	options=1203<RXCSUM,TXCSUM,TXSTATUS,SW_TIMESTAMP>
	inet 127.0.0.1 netmask 0xff000000
	inet6 ::1 prefixlen 128
gif0: flags=8010<POINTOPOINT,MULTICAST> mtu 1280
en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
	options=6460<TSO4,TSO6,CHANNEL_IO,PARTIAL_CSUM,ZEROINVERT_CSUM>
	ether a4:83:e7:00:00:01
	inet6 fe80::1c3a:5ff:fe00:1%en0 prefixlen 64 secured scopeid 0xb
	inet 192.168.1.5 netmask 0xffffff00 broadcast 192.168.1.255
	inet 10.0.0.5 netmask 0xffff0000 broadcast 10.0.255.255
	nd6 options=201<PERFORMNUD,DAD>
	media: autoselect
	status: active
en7: flags=8822<BROADCAST,SMART,SIMPLEX,MULTICAST> mtu 1500
	ether 00:e0:4c:00:00:02
	media: autoselect (none)
	status: inactive
en8: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 9000
	inet 192.168.77.1 netmask 0xffffff00 broadcast 192.168.77.255
	status: inactive
utun3: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1380
	inet 10.8.0.2 --> 10.8.0.1 netmask 0xffffffff
`

describe('ifconfig', () => {
  const shown = readIfconfig(ifconfig)

  test('tells which interfaces are on, off and without a cable, and their MTU', () => {
    expect(shown.map(({ name, state, mtu }) => [name, state, mtu])).toEqual([
      ['lo0', 'up', 16384],
      ['gif0', 'off', 1280],
      ['en0', 'up', 1500],
      ['en7', 'off', 1500],
      ['en8', 'unplugged', 9000],
      ['utun3', 'up', 1380],
    ])
  })

  test('tells every IPv4 address, as Node would', () => {
    const { lo0, en0, en7, en8, utun3 } = interfacesOf(shown)
    expect(lo0).toMatchObject([{ address: '127.0.0.1', netmask: '255.0.0.0', internal: true }])
    expect(en0).toMatchObject([
      { address: '192.168.1.5', netmask: '255.255.255.0', family: 'IPv4', internal: false, unplugged: false },
      { address: '10.0.0.5', netmask: '255.255.0.0' },
    ])
    expect(en7).toEqual([])
    expect(en8).toMatchObject([{ address: '192.168.77.1', unplugged: true }])
    expect(utun3).toMatchObject([{ address: '10.8.0.2', netmask: '255.255.255.255' }])
  })

  test.each([[''], ['ifconfig: interface en9 does not exist\n'], ['en0:\n\tinet\n']])('%j is no interface', (text) => {
    expect(readIfconfig(text)).toEqual([])
  })
})

test('the program that has a port is the one whose socket stands in the way', () => {
  const text = `p312
cbootpd
f5
n*:67
p4711
cnode
f21
n192.168.1.5:67
f22
n[::1]:67
f23
n192.168.1.5:8000->192.168.1.9:51234
`
  expect(readLsof(text, '192.168.1.5', 67)).toEqual([
    { pid: 312, program: 'bootpd' },
    { pid: 4711, program: 'node' },
  ])
  expect(readLsof(text, '10.0.0.5', 67)).toEqual([{ pid: 312, program: 'bootpd' }])
  expect(readLsof(text, '192.168.1.5', 8000)).toEqual([])
  expect(readLsof('', '192.168.1.5', 67)).toEqual([])
})
