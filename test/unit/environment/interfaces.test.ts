import { expect, test } from 'vitest'
import { chooseInterface, type Interfaces, sensibleInterfaces } from '../../../src/environment/index.ts'
import { BoottorrentError } from '../../../src/errors.ts'

function ipv4(address: string, netmask = '255.255.255.0') {
  return {
    family: 'IPv4',
    address,
    netmask,
    mac: '52:54:00:00:00:01',
    internal: address.startsWith('127.'),
    cidr: null,
  } as const
}

function ipv6(address: string) {
  return {
    family: 'IPv6',
    address,
    netmask: 'ffff::',
    mac: '52:54:00:00:00:01',
    internal: false,
    cidr: null,
    scopeid: 2,
  } as const
}

const lo = [ipv4('127.0.0.1', '255.0.0.0')]

/** What the user is told when nothing can be chosen. */
function refusal(interfaces: Interfaces, wanted = {}): string[] {
  try {
    const { name } = chooseInterface(interfaces, wanted)
    throw new Error(`${name} was chosen`)
  } catch (error) {
    if (!(error instanceof BoottorrentError)) throw error
    expect(error.code).toBe('INTERFACE')
    return [error.message, error.hint ?? '']
  }
}

test('the only network card is chosen, with its address and netmask', () => {
  const interfaces = { lo, eth0: [ipv6('fe80::1'), ipv4('192.168.1.1', '255.255.254.0')] }
  expect(chooseInterface(interfaces)).toEqual({ name: 'eth0', address: '192.168.1.1', netmask: '255.255.254.0' })
})

test('bridges of containers, virtual machines and tunnels are no choices beside a network card', () => {
  const interfaces = {
    lo,
    docker0: [ipv4('172.17.0.1')],
    'br-0123456789ab': [ipv4('172.18.0.1')],
    virbr0: [ipv4('192.168.122.1')],
    tailscale0: [ipv4('100.64.0.1')],
    wg0: [ipv4('10.8.0.1')],
    enp3s0: [ipv4('192.168.1.1')],
    enp4s0: [ipv4('169.254.3.3')],
  }
  expect(sensibleInterfaces(interfaces).map(({ name }) => name)).toEqual(['enp3s0'])
  expect(chooseInterface(interfaces).name).toBe('enp3s0')
})

test('where there is nothing else, a virtual one is as good as any', () => {
  expect(chooseInterface({ lo, docker0: [ipv4('172.17.0.1')] }).name).toBe('docker0')
})

test('several choices are listed', () => {
  const interfaces = { lo, eth0: [ipv4('192.168.1.1'), ipv4('192.168.9.1')], wlan0: [ipv4('10.0.0.7')] }
  expect(refusal(interfaces)).toEqual([
    'This computer has several network interfaces that could be served.',
    'Choose one in Boottorrent.yaml or with --interface: eth0 (192.168.1.1), wlan0 (10.0.0.7).',
  ])
})

test('without any address there is nothing to serve', () => {
  expect(refusal({ lo, eth0: [ipv6('fe80::1')] })[0]).toBe('No network interface of this computer has an IPv4 address.')
})

test('the named interface is chosen, loopback and virtual ones included', () => {
  const interfaces = { lo, eth0: [ipv4('192.168.1.1')], virbr0: [ipv4('192.168.122.1')] }
  expect(chooseInterface(interfaces, { interface: 'virbr0' }).address).toBe('192.168.122.1')
  expect(chooseInterface(interfaces, { interface: 'lo' }).address).toBe('127.0.0.1')
})

test('a name that is not there is told from the nearest that is', () => {
  expect(refusal({ lo, eth0: [ipv4('192.168.1.1')] }, { interface: 'eht0' })).toEqual([
    'There is no network interface eht0 with an address on this computer.',
    'Did you mean eth0?',
  ])
  expect(refusal({ lo, enp3s0: [ipv4('192.168.1.1')] }, { interface: 'vboxnet0' })[1]).toBe(
    'Bring it up and give it an address, or choose one with --interface: lo (127.0.0.1), enp3s0 (192.168.1.1).',
  )
})

test('a named interface without an IPv4 address is told apart', () => {
  expect(refusal({ lo, eth0: [ipv6('fe80::1')] }, { interface: 'eth0', hostIp: '10.0.0.1' })).toEqual([
    'The network interface eth0 has no IPv4 address.',
    'Give it one, for example: ip address add 10.0.0.1/24 dev eth0',
  ])
})

test('host_ip finds its interface, or one of several addresses of the named one', () => {
  const interfaces = { lo, eth0: [ipv4('192.168.1.1'), ipv4('10.0.0.1', '255.0.0.0')], eth1: [ipv4('192.168.2.1')] }
  expect(chooseInterface(interfaces, { hostIp: '192.168.2.1' }).name).toBe('eth1')
  expect(chooseInterface(interfaces, { interface: 'eth0', hostIp: '10.0.0.1' })).toEqual({
    name: 'eth0',
    address: '10.0.0.1',
    netmask: '255.0.0.0',
  })
})

test('a host_ip that this computer does not have is refused', () => {
  const interfaces = { lo, eth0: [ipv4('192.168.1.1')] }
  expect(refusal(interfaces, { interface: 'eth0', hostIp: '192.168.7.1' })).toEqual([
    'The network interface eth0 does not have the address 192.168.7.1.',
    'Correct host_ip (eth0 has 192.168.1.1), or add the address: ip address add 192.168.7.1/24 dev eth0',
  ])
  expect(refusal(interfaces, { hostIp: '192.168.7.1' })).toEqual([
    'No network interface of this computer has the address 192.168.7.1.',
    'Correct host_ip; the addresses here are lo (127.0.0.1), eth0 (192.168.1.1).',
  ])
})

test('an interface that nobody is plugged into yet can be served, but is not preferred', () => {
  const unplugged = [{ ...ipv4('10.0.0.1'), unplugged: true }]
  const interfaces = { lo, eth0: unplugged, eth1: [ipv4('192.168.1.1')] }
  expect(chooseInterface(interfaces).name).toBe('eth1')
  expect(chooseInterface(interfaces, { interface: 'eth0' }).address).toBe('10.0.0.1')
  expect(chooseInterface({ lo, eth0: unplugged }).name).toBe('eth0')
})
