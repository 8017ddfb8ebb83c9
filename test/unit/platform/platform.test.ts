import { expect, test } from 'vitest'
import { macOf, polledNeighbours } from '../../../src/platform/find-neighbour.ts'
import { hintsFor, platformFor } from '../../../src/platform/index.ts'

test('what people are told to type is what their system has', () => {
  const add = (name: NodeJS.Platform) => hintsFor(name).addAddress('192.168.77.1', 24, 'Ethernet')
  expect(add('linux')).toBe('ip address add 192.168.77.1/24 dev Ethernet')
  expect(add('darwin')).toBe('sudo ifconfig Ethernet inet 192.168.77.1/24 alias')
  expect(add('win32')).toBe('netsh interface ipv4 add address name="Ethernet" address=192.168.77.1 mask=255.255.255.0')
  expect(hintsFor('linux').bindLowPorts(69)).toContain('net.ipv4.ip_unprivileged_port_start=69')
  expect(hintsFor('win32').asRoot('boottorrent start')).toContain('Run as administrator')
  expect(hintsFor('win32').openPorts?.({ udp: [67, 69], tcp: [] })).toMatch(/protocol=UDP localport=67,69$/)
})

test('SIGHUP asks a service to read its configuration again, and a program on a terminal to end', () => {
  for (const name of ['linux', 'darwin'] as const) {
    expect(platformFor(name).signals(true)).toEqual({ end: ['SIGINT', 'SIGTERM', 'SIGHUP'], reload: [] })
    expect(platformFor(name).signals(false)).toEqual({ end: ['SIGINT', 'SIGTERM'], reload: ['SIGHUP'] })
  }
  expect(platformFor('win32').signals(false).reload).toEqual([])
})

test.skipIf(process.platform !== 'linux')(
  'the other systems go on without the programs that they would ask',
  async () => {
    for (const name of ['darwin', 'win32'] as const) {
      const other = platformFor(name)
      expect(other.portHolder('udp', '192.0.2.1', 1)).toBeUndefined()
      expect(other.createNeighbours(() => 0)('192.0.2.1')).toBeUndefined()
      expect(other.isInBackground()).toBeTypeOf('boolean')
    }
    expect(await platformFor('win32').linkState('lo')).toBeUndefined()
  },
)

test('a table that a program has to be asked for is asked for now and then, and answers come at once', async () => {
  let time = 0
  let readings = 0
  const { promise, resolve } = Promise.withResolvers<Map<string, string>>()
  const find = polledNeighbours(
    () => {
      readings += 1
      return readings === 1 ? promise : Promise.reject(new Error('no such program'))
    },
    () => time,
  )
  expect(find('192.0.2.1')).toBeUndefined()
  time = 1999
  expect(find('192.0.2.1')).toBeUndefined()
  expect(readings).toBe(1)
  resolve(new Map([['192.0.2.1', '52:54:00:00:00:01']]))
  await promise
  expect(find('192.0.2.1')).toBe('52:54:00:00:00:01')
  time = 2000
  // A reading that fails leaves what is known.
  expect(find('192.0.2.1')).toBe('52:54:00:00:00:01')
  expect(readings).toBe(2)
})

test.each(['', '1:2:3:4:5', '1:2:3:4:5:6:7', 'g:0:0:0:0:0', '100:0:0:0:0:0', '0:0:0:0:0:0', 'ff:ff:ff:ff:ff:ff'])(
  '%j is the MAC address of no machine',
  (text) => {
    expect(macOf(text)).toBeUndefined()
  },
)
