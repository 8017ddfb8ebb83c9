import { expect, test } from 'vitest'
import { formatProblem, loadEnvironment } from '../../../src/environment/index.ts'
import { linux, temporaryEnvironment } from './temporary-environment.ts'

async function load(text: string, more: Record<string, string> = linux('debian')) {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': text, ...more })
  return await loadEnvironment(environment.directory)
}

const version = 'boottorrent:\n  version: 0\n'

test.each([
  ['192.168.1.50,192.168.1.150,12h', { first: '192.168.1.50', last: '192.168.1.150', netmask: undefined }, 43_200],
  ['192.168.1.50,192.168.1.150', { first: '192.168.1.50', last: '192.168.1.150', netmask: undefined }, 43_200],
  ['10.0.0.5, 10.0.0.9, 255.255.255.0, 30m', { first: '10.0.0.5', last: '10.0.0.9', netmask: '255.255.255.0' }, 1800],
  [
    '10.0.0.5,10.0.0.9,255.255.255.0,10.0.0.255,1d',
    { first: '10.0.0.5', last: '10.0.0.9', netmask: '255.255.255.0' },
    86_400,
  ],
  ['10.0.0.5,10.0.0.9,3600', { first: '10.0.0.5', last: '10.0.0.9', netmask: undefined }, 3600],
  ['10.0.0.5,10.0.0.9,infinite', { first: '10.0.0.5', last: '10.0.0.9', netmask: undefined }, Number.POSITIVE_INFINITY],
])('dhcp_range "%s" is a pool', async (text, range, lease) => {
  const { configuration, problems } = await load(`${version}dnsmasq:\n  dhcp_range: "${text}"\n`)
  expect(problems).toEqual([])
  expect(configuration?.network).toMatchObject({ mode: 'dhcp', ranges: [range], lease })
})

test.each(['192.168.1.0,proxy', '192.168.1.0,proxy,255.255.255.0'])('dhcp_range "%s" means proxyDHCP', async (text) => {
  const { configuration } = await load(`${version}dnsmasq:\n  dhcp_range: ${text}\n`)
  expect(configuration?.network).toMatchObject({ mode: 'proxy', ranges: [] })
})

test.each([
  ['192.168.1.50', 'is not a range like'],
  ['192.168.1.50,192.168.1', '"192.168.1" is not an IPv4 address'],
  ['192.168.1.150,192.168.1.50,12h', 'the range ends before it begins'],
  ['192.168.1.50,192.168.1.150,12x', '"12x" is neither a netmask nor a lease time'],
  ['192.168.1.50,192.168.1.150,255.0.255.0', '"255.0.255.0" is not a netmask'],
  ['192.168.1.50,192.168.2.150,255.255.255.0', 'are not in one network'],
  ['192.168.1.50,static', '"static" ranges are not supported'],
  ['192.168.1.50,192.168.1.150,12h,12h', 'is not a range like'],
])('dhcp_range "%s" is refused', async (text, reason) => {
  const { problems } = await load(`${version}dnsmasq:\n  dhcp_range: "${text}"\n`)
  expect(problems.map((problem) => formatProblem(problem))).toEqual([
    expect.stringMatching(/^Boottorrent\.yaml:4:15: /),
  ])
  expect(problems[0]?.message).toContain(reason)
})

test('without a range the mode is found out at start', async () => {
  const { configuration } = await load(version)
  expect(configuration?.network).toMatchObject({ mode: 'auto', ranges: [] })
})

test('services that are switched off are worth a warning and no question', async () => {
  const text = `${version}dnsmasq: {enable_dhcp: False, enable_tftp: no, dhcp_range: "10.0.0.5,10.0.0.9"}\n`
  const { configuration, warnings } = await load(text)
  expect(configuration?.network.mode).toBe('off')
  expect(configuration?.tftp.enabled).toBe(false)
  expect(warnings.map(({ code, line, message }) => [code, line, message])).toEqual([
    ['service-off', 3, 'DHCP is switched off'],
    ['service-off', 3, 'TFTP is switched off'],
  ])
})

test.each(['hefur', 'opentracker'])('%s is the tracker', async (name) => {
  const { configuration } = await load(`${version}${name}:\n  enable: yes\n  port: 7000\n`)
  expect(configuration?.tracker).toEqual({ enabled: true, port: 7000, others: [] })
})

test('of two trackers the later name counts', async () => {
  const { configuration, warnings } = await load(`${version}hefur: {port: 7000}\nopentracker: {port: 7001}\n`)
  expect(configuration?.tracker.port).toBe(7001)
  expect(warnings.map(({ message }) => message)).toEqual(['hefur: has no effect beside opentracker:'])
})

test('without a tracker and without LPD nobody would find anybody', async () => {
  const { problems } = await load(`${version}hefur:\n  enable: False\n`)
  expect(problems.map(({ line, code, hint }) => [line, code, hint])).toEqual([
    [4, 'conflict', 'Switch the tracker on, or set aria2.bt_enable_lpd: true.'],
  ])
})

test('without a tracker the seeder announces itself, which 2018 forgot', async () => {
  const { configuration, warnings } = await load(`${version}hefur: {enable: False}\naria2: {bt_enable_lpd: True}\n`)
  expect(configuration?.seeder.lpd).toBe(true)
  expect(warnings.map(({ code }) => code)).toEqual(['service-off', 'corrected'])
})

test('display_oss chooses and orders, and may be a single name', async () => {
  const oss = { ...linux('a'), ...linux('b'), ...linux('c') }
  const listed = await load(`${version}  display_oss:\n    - c\n    - a\n  default_os: a\n`, oss)
  expect(listed.configuration?.oss.map(({ name }) => name)).toEqual(['c', 'a'])
  const single = await load(`${version}  display_oss: b\n`, oss)
  expect(single.configuration?.oss.map(({ name }) => name)).toEqual(['b'])
  expect(single.configuration?.boot.defaultOs).toBe('b')
})

test('what the menu leaves out need not be right', async () => {
  const { problems } = await load(`${version}  display_oss: [debian]\n`, {
    ...linux('debian'),
    'oss/half-done/config.yaml': 'method: nonsense\n',
  })
  expect(problems).toEqual([])
})

test('a short seed_time is honoured to the second', async () => {
  const { configuration } = await load(`${version}  seed_time: 7\n`)
  expect(configuration?.boot.seedTime).toBe(7)
})

test("aria2's settings reach the clients, peer exchange and DHT included", async () => {
  const { configuration } = await load(
    `${version}aria2: {bt_enable_lpd: True, enable_dht: True, enable_dht6: False, check_integrity: True, enable_peer_exchange: False, console_log_level: notice}\n`,
  )
  expect(configuration?.client).toEqual({
    lpd: true,
    dht: true,
    pex: false,
    checkIntegrity: true,
    logLevel: 'notice',
    debug: false,
    shell: true,
  })
  expect(configuration?.logLevel).toBe('info')
})

test('a typing mistake does not go unnoticed in version 0 either', async () => {
  const { problems } = await load(`${version}  tiemout: 5\n`)
  expect(problems.map((problem) => formatProblem(problem))).toEqual([
    'Boottorrent.yaml:3:3: unknown key "tiemout" in boottorrent:\n    Did you mean "timeout"?',
  ])
})
