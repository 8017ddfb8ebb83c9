/** Texts in the form that Microsoft's command reference shows; nothing here needs Windows. */
import { describe, expect, test } from 'vitest'
import { readAdapters } from '../../../src/platform/windows/adapters.ts'
import { readArp } from '../../../src/platform/windows/arp.ts'
import { readNetstat, readTasklist } from '../../../src/platform/windows/netstat.ts'

const lines = (...text: string[]) => text.join('\r\n')

test('neighbours are read below headings of any language; broadcast and groups are left out', () => {
  const text = lines(
    '',
    'Schnittstelle: 192.168.1.10 --- 0x5',
    '  Internetadresse       Physische Adresse     Typ',
    '  192.168.1.1           00-1a-2b-03-04-05     dynamisch',
    '  192.168.1.23          52-54-00-AB-CD-EF     statisch',
    '  192.168.1.255         ff-ff-ff-ff-ff-ff     statisch',
    '  224.0.0.22            01-00-5e-00-00-16     statisch',
    '',
  )
  expect([...readArp(text)]).toEqual([
    ['192.168.1.1', '00:1a:2b:03:04:05'],
    ['192.168.1.23', '52:54:00:ab:cd:ef'],
  ])
  expect(readArp('No ARP Entries Found.\r\n').size).toBe(0)
})

describe('netstat', () => {
  const tcp = lines(
    '',
    'Aktive Verbindungen',
    '',
    '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    '  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         1044',
    '  TCP    192.168.1.10:8000      0.0.0.0:0              ABHÖREN         5120',
    '  TCP    192.168.1.10:8000      192.168.1.23:51234     HERGESTELLT     5120',
    '  TCP    192.168.1.10:6881      192.168.1.23:51235     HERGESTELLT     5121',
    '',
  )
  const udp = lines(
    'Active Connections',
    '',
    '  Proto  Local Address          Foreign Address        State           PID',
    '  UDP    0.0.0.0:67             *:*                                    2024',
    '  UDP    127.0.0.1:1900         *:*                                    3300',
  )

  test('tells the process that listens on an address or on all of them, in any language', () => {
    expect(readNetstat(tcp, 'tcp', '192.168.1.10', 135)).toEqual([1044])
    expect(readNetstat(tcp, 'tcp', '192.168.1.10', 8000)).toEqual([5120])
    expect(readNetstat(udp, 'udp', '192.168.1.10', 67)).toEqual([2024])
    expect(readNetstat(udp, 'udp', '0.0.0.0', 1900)).toEqual([3300])
  })

  test('connections and sockets on other addresses stand in nobody’s way', () => {
    expect(readNetstat(tcp, 'tcp', '192.168.1.10', 6881)).toEqual([])
    expect(readNetstat(tcp, 'tcp', '10.0.0.1', 8000)).toEqual([])
    expect(readNetstat(udp, 'udp', '192.168.1.10', 1900)).toEqual([])
    expect(readNetstat('', 'udp', '192.168.1.10', 67)).toEqual([])
  })
})

test('tasklist tells the name of a program, or that there is none', () => {
  expect(readTasklist('"dhcp server.exe","2024","Services","0","12.345 K"\r\n')).toBe('dhcp server.exe')
  expect(readTasklist('INFO: No tasks are running which match the specified criteria.\r\n')).toBeUndefined()
})

test('adapters are read as a list, as a single object, and not at all from what is no JSON', () => {
  const ethernet = { Name: 'Ethernet', InterfaceAdminStatus: 1, MediaConnectState: 1, MtuSize: 1500 }
  const pulled = { Name: 'Ethernet 2', InterfaceAdminStatus: 1, MediaConnectState: 2, MtuSize: 1500 }
  const off = { Name: 'WLAN', InterfaceAdminStatus: 2, MediaConnectState: 0, MtuSize: null }
  expect(readAdapters(JSON.stringify([ethernet, pulled, off, null]))).toEqual([
    { name: 'Ethernet', state: 'up', mtu: 1500 },
    { name: 'Ethernet 2', state: 'unplugged', mtu: 1500 },
    { name: 'WLAN', state: 'off', mtu: undefined },
  ])
  expect(readAdapters(JSON.stringify(ethernet))).toHaveLength(1)
  expect(readAdapters('Get-NetAdapter : not recognized')).toEqual([])
})
