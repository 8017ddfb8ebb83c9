import { expect, test } from 'vitest'
import { chooseInterfaces, type Interfaces, type WantedInterfaces } from '../../../src/environment/index.ts'

function ipv4(address: string, netmask = '255.255.255.0') {
  return { family: 'IPv4', address, netmask, mac: '', internal: false, cidr: null } as const
}

const interfaces: Interfaces = {
  eth0: [ipv4('192.168.1.1'), ipv4('10.0.0.1')],
  eth1: [ipv4('192.168.2.1')],
  eth2: [ipv4('192.168.2.9')],
  eth3: [],
}

function chosen(wanted: Partial<WantedInterfaces>): string[] {
  const some = chooseInterfaces(interfaces, { interfaces: [], hostIps: [], ...wanted })
  return some.map(({ name, address }) => `${name} ${address}`)
}

test.each([
  [{ interfaces: ['eth1', 'eth0'] }, ['eth1 192.168.2.1', 'eth0 192.168.1.1']],
  [{ interfaces: ['eth1', 'eth0'], hostIps: ['10.0.0.1'] }, ['eth1 192.168.2.1', 'eth0 10.0.0.1']],
  [{ hostIps: ['10.0.0.1', '192.168.2.9'] }, ['eth0 10.0.0.1', 'eth2 192.168.2.9']],
  [{ interfaces: ['eth0'], hostIps: ['10.0.0.1'] }, ['eth0 10.0.0.1']],
])('%o', (wanted, expected) => {
  expect(chosen(wanted)).toEqual(expected)
})

test.each([
  [{ interfaces: ['eth0', 'eth9'] }, 'There is no network interface eth9'],
  [{ interfaces: ['eth0', 'eth3'] }, 'The network interface eth3 has no IPv4 address.'],
  [{ interfaces: ['eth0', 'eth1'], hostIps: ['10.9.9.9'] }, 'None of the served interfaces has the address 10.9.9.9.'],
  [{ interfaces: ['eth0'], hostIps: ['10.9.9.9'] }, 'The network interface eth0 does not have the address 10.9.9.9.'],
  [{ interfaces: ['eth1', 'eth2'] }, 'eth1 (192.168.2.1) and eth2 (192.168.2.9) are in the same network.'],
  [{}, 'This computer has several network interfaces that could be served.'],
])('%o is refused', (wanted, message) => {
  expect(() => chosen(wanted)).toThrow(message)
})
