import { expect, test } from 'vitest'
import { bindError } from '../../../src/bind-error.ts'
import { checkPorts, type PortFacts, type WantedPort, wantedPorts } from '../../../src/doctor/ports.ts'
import { hintsFor } from '../../../src/platform/index.ts'
import { configurationOf, served } from './configuration.ts'

/** Nothing is bound, and everything may be. */
function facts(changed: Partial<PortFacts> = {}): PortFacts {
  return {
    hints: hintsFor('linux'),
    tryPort: async () => undefined,
    isPortTaken: () => false,
    portHolder: () => undefined,
    isServed: async () => false,
    ...changed,
  }
}

function failing(code: string, fits: (port: WantedPort) => boolean): Pick<PortFacts, 'tryPort'> {
  return {
    tryPort: async (port) =>
      fits(port)
        ? bindError(Object.assign(new Error(code), { code, syscall: 'bind' }), port.service, port.address, port.port)
        : undefined,
  }
}

async function check(changed: Partial<PortFacts> = {}, lines = '') {
  return checkPorts(wantedPorts(await configurationOf(lines), served), facts(changed))
}

test('every port that start binds is tried, those of the tracker by TCP and UDP', async () => {
  const wanted = wantedPorts(await configurationOf(), served)
  expect(wanted.map(({ transport, address, port }) => `${transport} ${address}:${port}`)).toEqual([
    'udp 192.0.2.1:67',
    'udp 255.255.255.255:67',
    'udp 192.0.2.1:4011',
    'udp 192.0.2.1:69',
    'tcp 192.0.2.1:8000',
    'tcp 192.0.2.1:10001',
    'udp 192.0.2.1:10001',
    'tcp 192.0.2.1:6881',
  ])
})

test('services that are off need no port', async () => {
  const lines =
    'network: { mode: "off" }\ntftp: { enabled: false }\ntracker: { enabled: false }\nclient: { lpd: true }\n'
  const wanted = wantedPorts(await configurationOf(lines), served)
  expect(wanted.map(({ check }) => check)).toEqual(['http-port', 'seeder-port'])
})

test('free ports and the right to bind them are fine', async () => {
  const results = await check()
  expect(results.map(({ name }) => name)).toEqual([
    'rights',
    'dhcp-port',
    'pxe-port',
    'tftp-port',
    'http-port',
    'tracker-port',
    'seeder-port',
  ])
  expect(results.every(({ state }) => state === 'ok')).toBe(true)
})

test('a port that is taken is a failure of its service alone', async () => {
  const results = await check(failing('EADDRINUSE', ({ address }) => address === '255.255.255.255'))
  expect(results.filter(({ state }) => state === 'failure')).toMatchObject([
    { name: 'dhcp-port', code: 'PORT_IN_USE', hint: expect.stringContaining('Stop that program') },
  ])
})

test('a missing right is told once, with the ways to get it; the ports are looked up in the tables', async () => {
  const results = await check(failing('EACCES', ({ port }) => port < 1024))
  expect(results.filter(({ state }) => state === 'failure')).toMatchObject([
    { name: 'rights', code: 'PERMISSION', message: 'This user may not bind the ports 67, 69' },
  ])
  expect(results[0]?.hint).toMatch(/sudo boottorrent start.*ip_unprivileged_port_start=67.*AmbientCapabilities/)
})

test('a port that is taken is found without the right to bind it', async () => {
  const results = await check({
    ...failing('EACCES', ({ port }) => port < 1024),
    isPortTaken: ({ port }) => port === 69,
  })
  expect(results.find(({ name }) => name === 'tftp-port')).toMatchObject({ state: 'failure', code: 'PORT_IN_USE' })
  expect(results.find(({ name }) => name === 'dhcp-port')).toMatchObject({ state: 'ok' })
})

test('on systems without such tables a port that may not be bound counts as not tried, and sudo is the remedy', async () => {
  const results = await check({
    ...failing('EACCES', ({ port }) => port === 67),
    hints: hintsFor('darwin'),
    isPortTaken: () => undefined,
  })
  expect(results[0]?.hint).toBe('Run it as root: sudo boottorrent start')
  expect(results.find(({ name }) => name === 'dhcp-port')).toMatchObject({ state: 'warning' })
})

test('the ports of the boottorrent that runs here are no failure; those of others are', async () => {
  const results = await check({
    ...failing('EADDRINUSE', ({ port }) => port === 8000 || port === 6881 || port === 69),
    isServed: async (url) => url === 'http://192.0.2.1:8000/',
    portHolder: ({ port }) => (port === 69 ? { pid: 8, program: 'in.tftpd' } : { pid: 7, program: 'node' }),
  })
  expect(results.filter(({ state }) => state === 'failure').map(({ name }) => name)).toEqual(['tftp-port'])
  const http = results.find(({ name }) => name === 'http-port')
  expect(http?.message).toBe('TCP 8000: the boottorrent that runs here has it (process 7)')
})

test('another program on the port of HTTP does not make its ports those of a boottorrent', async () => {
  const results = await check(failing('EADDRINUSE', ({ port }) => port === 8000))
  expect(results.find(({ name }) => name === 'http-port')).toMatchObject({ state: 'failure', code: 'PORT_IN_USE' })
})
