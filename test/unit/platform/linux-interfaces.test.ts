import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { hostInterfaces } from '../../../src/environment/index.ts'
import { interfacesWithoutAddress, unpluggedInterfaces } from '../../../src/platform/linux/interfaces.ts'

// Both tables as Linux 6.1 printed them for a bridge without carrier, a second address on it, and a default route.
const routes = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100A8C0	0003	0	0	0	00000000	0	0	0
eth0	0000A8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
br0	00001EAC	00000000	0001	0	0	0	00FFFFFF	0	0	0
br0	0000000A	00000000	0001	0	0	0	000000FF	0	0	0
`

const trie = `Main:
  +-- 0.0.0.0/0 2 0 2
     |-- 10.0.0.1
        /32 host LOCAL
     +-- 127.0.0.0/8 2 0 2
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
     +-- 172.30.0.0/24 2 0 2
           |-- 172.30.0.0
              /24 link UNICAST
           |-- 172.30.0.1
              /32 host LOCAL
        |-- 172.30.0.255
           /32 link BROADCAST
     |-- 192.168.0.17
        /32 host LOCAL
Local:
  +-- 0.0.0.0/0 2 0 2
     |-- 172.30.0.1
        /32 host LOCAL
`

test('addresses are found where Node sees none, for want of a carrier', () => {
  const entry = { family: 'IPv4', internal: false, unplugged: true }
  expect(unpluggedInterfaces(routes, trie)).toEqual({
    eth0: [{ ...entry, address: '192.168.0.17', netmask: '255.255.255.0' }],
    br0: [
      { ...entry, address: '172.30.0.1', netmask: '255.255.255.0' },
      { ...entry, address: '10.0.0.1', netmask: '255.0.0.0' },
    ],
  })
})

test.each([
  ['', ''],
  ['nonsense\n\n', 'nonsense'],
  [routes, ''],
  ['', trie],
])('tables that are missing or unknown add no address', (someRoutes, someTrie) => {
  expect(Object.values(unpluggedInterfaces(someRoutes, someTrie)).flat()).toEqual([])
})

test('what Node knows of an interface counts', async () => {
  expect(await hostInterfaces()).toMatchObject(networkInterfaces())
})

test('interfaces that are switched off are known by name', () => {
  const devices = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    5920      60    0    0    0     0          0         0     5920      60    0    0    0     0       0          0
wlp0s20f3:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
eth0.7: 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
`
  expect(interfacesWithoutAddress(devices)).toEqual({ lo: [], wlp0s20f3: [], 'eth0.7': [] })
  expect(interfacesWithoutAddress('')).toEqual({})
})
