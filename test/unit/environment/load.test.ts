import path from 'node:path'
import { expect, test } from 'vitest'
import { formatProblem, loadEnvironment } from '../../../src/environment/index.ts'
import { linux, temporaryEnvironment } from './temporary-environment.ts'

const fixtures = path.join(import.meta.dirname, '../../fixtures/environments')

/** The problems of an environment as check prints them, without the hints. */
async function problemsOf(boottorrent: string | Uint8Array, more: Record<string, string> = linux('debian')) {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': boottorrent, ...more })
  const { configuration, problems } = await loadEnvironment(environment.directory)
  expect(configuration === undefined).toBe(problems.length > 0)
  return problems.map((problem) => formatProblem(problem).split('\n')[0])
}

async function hintsOf(boottorrent: string, more: Record<string, string> = linux('debian')) {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': boottorrent, ...more })
  const { problems } = await loadEnvironment(environment.directory)
  return problems.map(({ hint }) => hint)
}

test('an environment of 2018 is read unchanged', async () => {
  const directory = path.join(fixtures, '2018')
  const { configuration, problems, warnings } = await loadEnvironment(directory)
  expect(problems).toEqual([])
  expect(warnings.map(({ code, line, message }) => [code, line, message])).toEqual([
    ['no-effect', 22, 'transmission.rpc_port has no effect any more'],
    ['no-effect', 23, 'transmission.dht_enabled has no effect any more'],
  ])
  expect(configuration).toEqual({
    directory,
    boot: { defaultOs: 'linuxos', timeout: 30, seedTime: 30, secureBoot: false, drivers: 'common' },
    network: {
      interfaces: ['eth0'],
      hostIps: ['192.168.1.1'],
      mode: 'dhcp',
      ranges: [{ first: '192.168.1.50', last: '192.168.1.150', netmask: undefined }],
      lease: 43_200,
      routers: [],
      dns: [],
      ntp: [],
      domain: undefined,
      user: undefined,
    },
    tftp: { enabled: true, port: 69 },
    http: { port: 8000 },
    tracker: { enabled: true, port: 10_001, others: [] },
    seeder: { port: 6881, lpd: false },
    client: { lpd: false, dht: false, pex: true, checkIntegrity: false, logLevel: 'notice', debug: false, shell: true },
    logLevel: 'info',
    oss: [
      {
        name: 'linuxos',
        displayName: 'LinuxOS',
        directory: path.join(directory, 'oss/linuxos'),
        method: 'kexec',
        kernel: 'bzImage',
        initrds: ['initrd.gz'],
        cmdline: 'quiet',
      },
      {
        name: 'disc',
        displayName: 'ISOFile',
        directory: path.join(directory, 'oss/disc'),
        method: 'qemu',
        args: ['-cdrom', 'disc.iso'],
      },
      {
        name: 'freedos',
        displayName: 'FreeDOS',
        directory: path.join(directory, 'oss/freedos'),
        method: 'qemu',
        args: ['-fda', 'freedos.img'],
      },
      {
        name: 'testbin',
        displayName: 'Test Binary',
        directory: path.join(directory, 'oss/testbin'),
        method: 'program',
        program: 'hello',
        args: [],
      },
    ],
    machines: [],
    warnings,
  })
})

test('every setting of version 1 arrives in the configuration', async () => {
  const directory = path.join(fixtures, 'version1')
  const { configuration, problems, warnings } = await loadEnvironment(directory)
  expect(problems).toEqual([])
  expect(warnings).toEqual([])
  expect(configuration).toEqual({
    directory,
    boot: { defaultOs: 'debian', timeout: 10, seedTime: 60, secureBoot: false, drivers: 'common' },
    network: {
      interfaces: ['eth0'],
      hostIps: ['192.168.1.1'],
      mode: 'dhcp',
      ranges: [{ first: '192.168.1.50', last: '192.168.1.150', netmask: undefined }],
      lease: 1800,
      routers: ['192.168.1.254'],
      dns: ['192.168.1.254', '9.9.9.9'],
      ntp: ['192.168.1.253'],
      domain: 'lab.example',
      user: 'nobody',
    },
    tftp: { enabled: true, port: 69 },
    http: { port: 8080 },
    tracker: {
      enabled: true,
      port: 6969,
      others: ['http://192.168.1.2:6969/announce', 'udp://tracker.example:6969'],
    },
    seeder: { port: 6881, lpd: true },
    client: {
      lpd: true,
      dht: false,
      pex: true,
      checkIntegrity: true,
      logLevel: 'warn',
      debug: true,
      shell: false,
      shellPassword: `$6$rounds=10000$bootTorrent$${'a'.repeat(86)}`,
    },
    logLevel: 'debug',
    oss: [
      {
        name: 'rescue',
        displayName: 'Rescue floppy',
        directory: path.join(directory, 'oss/rescue'),
        method: 'qemu',
        args: ['-drive', 'file=rescue.img,format=raw,if=floppy', '-m', '512'],
      },
      {
        name: 'debian',
        displayName: 'Debian 12',
        directory: path.join(directory, 'oss/debian'),
        method: 'kexec',
        kernel: 'boot/vmlinuz',
        initrds: ['boot/initrd.img', 'boot/firmware.cpio'],
        cmdline: 'root=/dev/ram0 console=tty0 console=ttyS0,115200',
      },
    ],
    machines: [
      {
        match: { mac: '52:54:00:12:34:56' },
        hostname: 'teacher',
        address: '192.168.1.20',
        defaultOs: 'rescue',
        cmdline: undefined,
        timeout: -1,
      },
      {
        match: { uuid: '4c4c4544-0042-3510-8052-b4c04f4d3732' },
        hostname: undefined,
        address: undefined,
        defaultOs: undefined,
        cmdline: 'nomodeset',
        timeout: undefined,
      },
      {
        match: { architecture: 'uefi-x64' },
        hostname: undefined,
        address: undefined,
        defaultOs: 'debian',
        cmdline: undefined,
        timeout: undefined,
      },
    ],
    warnings,
  })
})

test('a problem names file, line and column, and the nearest known key', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\n\nboot:\n  tiemout: 5\n' })
  const { problems } = await loadEnvironment(environment.directory)
  expect(problems.map((problem) => formatProblem(problem))).toEqual([
    'Boottorrent.yaml:4:3: unknown key "tiemout" in boot:\n    Did you mean "timeout"?',
  ])
})

test('a key that stands in the wrong section is sent to the right one', async () => {
  expect(await hintsOf('version: 1\nboot:\n  range: 10.0.0.1,10.0.0.9\n')).toEqual([
    'Did you mean the "range" of network:?',
  ])
  expect(await hintsOf('version: 1\nlpd: true\n')).toEqual(['Did you mean the "lpd" of seeder: or client:?'])
  expect(await hintsOf('version: 1\nhefur:\n  port: 1\n')).toEqual(['In version 1 this is tracker:.'])
})

test('keys that JavaScript objects have by themselves are as unknown as any', async () => {
  expect(await problemsOf('version: 1\n__proto__: {a: 1}\nconstructor: 1\nboot: {__proto__: 1}\n')).toEqual([
    'Boottorrent.yaml:2:1: unknown key "__proto__"',
    'Boottorrent.yaml:3:1: unknown key "constructor"',
    'Boottorrent.yaml:4:8: unknown key "__proto__" in boot:',
  ])
})

test.each([
  ['boot: 5', 'Boottorrent.yaml:2:7: expected a mapping ("key: value" lines), found "5"'],
  ['boot: [a]', 'Boottorrent.yaml:2:7: expected a mapping ("key: value" lines), found a list'],
  ['boot: {timeout: soon}', 'Boottorrent.yaml:2:17: "soon" is not a whole number of seconds'],
  ['boot: {timeout: 1.5}', 'Boottorrent.yaml:2:17: "1.5" is not a whole number of seconds'],
  ['boot: {timeout: 1e3}', 'Boottorrent.yaml:2:17: "1e3" is not a whole number of seconds'],
  ['boot: {timeout: [1]}', 'Boottorrent.yaml:2:17: expected a whole number of seconds, found a list'],
  [
    'boot: {timeout: 99999999999999999999}',
    'Boottorrent.yaml:2:17: "99999999999999999999" is not a whole number of seconds',
  ],
  ['boot: {seed_time: -1}', 'Boottorrent.yaml:2:19: -1 is too small'],
  ['boot: {default: {a: b}}', 'Boottorrent.yaml:2:17: expected the name of a folder in oss/, found a mapping'],
  ['boot: {default: ""}', 'Boottorrent.yaml:2:17: the value is empty'],
  ['boot: {default: debain}', 'Boottorrent.yaml:2:17: there is no system "debain" in oss/'],
  ['boot: {menu: [debian, nope]}', 'Boottorrent.yaml:2:23: there is no system "nope" in oss/'],
  ['tftp: {enabled: maybe}', 'Boottorrent.yaml:2:17: "maybe" is not true or false'],
  ['http: {port: 0}', 'Boottorrent.yaml:2:14: 0 is too small'],
  ['http: {port: 65536}', 'Boottorrent.yaml:2:14: 65536 is too large'],
  ['http: {port: 10001}\ntracker: {port: 10001}', 'Boottorrent.yaml:3:17: port 10001 is for http already'],
  ['tracker: {port: 69}', 'Boottorrent.yaml:2:17: port 69 is for tftp already'],
  [
    'tracker: {others: [http://192.0.2.1/announce, 192.0.2.1:6969]}',
    'Boottorrent.yaml:2:47: "192.0.2.1:6969" is not the announce URL of a tracker like http://192.168.1.2:6969/announce',
  ],
  ['tracker: {others: udp://192.0.2.1/announce}', 'Boottorrent.yaml:2:19: "udp://192.0.2.1/announce" has no port'],
  [
    'tracker: {others: "http://192.0.2.1/announce#room"}',
    'Boottorrent.yaml:2:19: "http://192.0.2.1/announce#room" has a fragment, which no tracker is sent',
  ],
  [
    'tracker: {others: "http://[2001:db8::1]:6969/announce"}',
    'Boottorrent.yaml:2:19: "http://[2001:db8::1]:6969/announce" is an IPv6 address; machines have IPv4 only',
  ],
  [
    'tracker: {others: "udp://[2001:db8::1]:6969"}',
    'Boottorrent.yaml:2:19: "udp://[2001:db8::1]:6969" is an IPv6 address; machines have IPv4 only',
  ],
  [
    'tracker: {others: [http://192.0.2.1/announce, http://192.0.2.1/announce]}',
    'Boottorrent.yaml:2:47: "http://192.0.2.1/announce" is named twice',
  ],
  [
    'tracker: {others: [{url: http://192.0.2.1/}]}',
    'Boottorrent.yaml:2:20: expected the announce URL of a tracker like http://192.168.1.2:6969/announce, found a mapping',
  ],
  ['tracker: {port: 67}', 'Boottorrent.yaml:2:17: port 67 is for DHCP already'],
  ['network: {mode: proxi}', 'Boottorrent.yaml:2:17: "proxi" is not one of auto, proxy, dhcp, off'],
  [
    'network: {host_ip: 192.168.1.256}',
    'Boottorrent.yaml:2:20: "192.168.1.256" is not an IPv4 address like 192.168.1.1',
  ],
  ['network: {host_ip: 0.0.0.0}', 'Boottorrent.yaml:2:20: 0.0.0.0 cannot be the address of a machine'],
  ['network: {range: "192.168.1.9,192.168.1.3"}', 'Boottorrent.yaml:2:18: the range ends before it begins'],
  ['network: {lease: 5s}', 'Boottorrent.yaml:2:18: a lease lasts at least two minutes'],
  [
    'network: {interface: "eth0\\n"}\nboot: {default: "a\\u001b[31m"}',
    'Boottorrent.yaml:3:17: the value contains control characters',
  ],
  ['tracker: {enabled: false}', 'Boottorrent.yaml:2:20: without the tracker, machines cannot find each other'],
  [
    'tracker: {enabled: false, others: [udp://192.0.2.1:6969, https://192.0.2.1/announce]}',
    'Boottorrent.yaml:2:20: without the tracker, machines cannot find each other',
  ],
  ['machines: [{hostname: a}]', 'Boottorrent.yaml:2:12: none of mac, uuid, architecture is there'],
  [
    'machines: [{mac: "ff:ff:ff:ff:ff:ff"}]',
    'Boottorrent.yaml:2:18: "ff:ff:ff:ff:ff:ff" is not the address of one network card',
  ],
  ['machines: [{mac: 5254}]', 'Boottorrent.yaml:2:18: "5254" is not a MAC address like 52:54:00:12:34:56'],
  [
    'machines: [{mac: 52:54:00:00:00:01, uuid: 4c4c4544-0042-3510-8052-b4c04f4d3732}]',
    'Boottorrent.yaml:2:12: a rule is for one of mac, uuid or architecture',
  ],
  [
    'machines: [{architecture: bios, address: 10.0.0.2}]',
    'Boottorrent.yaml:2:42: many machines cannot have one address',
  ],
  [
    'network: {host_ip: 10.0.0.1}\nmachines: [{mac: 52:54:00:00:00:01, address: 10.0.0.1}]',
    "Boottorrent.yaml:3:46: 10.0.0.1 is this computer's own address",
  ],
  ['machines: [{architecture: bios, default: gone}]', 'Boottorrent.yaml:2:42: there is no system "gone" in oss/'],
  [
    'machines: [{mac: 52:54:00:00:00:01, hostname: a_b}]',
    'Boottorrent.yaml:2:47: "a_b" is not a host name of letters, digits and hyphens',
  ],
])('"%s" is refused with its place', async (text, problem) => {
  expect(await problemsOf(`version: 1\n${text}\n`)).toContain(problem)
})

test.each([
  ['http://192.0.2.1:6969/announce', false],
  ['udp://192.0.2.1:6969', true],
])('with another tracker ours can be switched off (%s)', async (others, dht) => {
  const text = `version: 1\ntracker: {enabled: false, others: "${others}"}\nclient: {dht: ${dht}}\n`
  expect(await problemsOf(text)).toEqual([])
})

test.each(['http://127.0.0.1:6969/announce', 'udp://127.0.1.1:6969', 'http://localhost/announce'])(
  'another tracker on every computer itself (%s) is warned of',
  async (url) => {
    const text = `version: 1\ntracker: {others: "${url}"}\n`
    await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': text, ...linux('linux') })
    const { configuration, warnings } = await loadEnvironment(environment.directory)
    expect(configuration?.tracker.others).toEqual([url])
    expect(warnings).toMatchObject([{ code: 'no-effect', line: 2, message: expect.stringContaining(`"${url}"`) }])
  },
)

test('two machines cannot have one address', async () => {
  const text = [
    'version: 1',
    'machines:',
    '  - {mac: 52:54:00:00:00:01, address: 10.0.0.2}',
    '  - {mac: 52:54:00:00:00:02, address: 10.0.0.2}',
  ].join('\n')
  expect(await problemsOf(text)).toEqual(['Boottorrent.yaml:4:39: "10.0.0.2" is given to another machine in line 3'])
})

test('several systems and a countdown need a default', async () => {
  const several = { ...linux('debian'), ...linux('alpine') }
  expect(await problemsOf('version: 1\nboot:\n  timeout: 3\n', several)).toEqual([
    'Boottorrent.yaml:3:3: "boot.default" is missing: there are several systems and the menu has a countdown',
  ])
  expect(await problemsOf('boottorrent:\n  version: 0\n', several)).toEqual([
    'Boottorrent.yaml:2:3: "default_os" is missing: there are several systems and the menu has a countdown',
  ])
  expect(await problemsOf('version: 1\nboot:\n  timeout: -1\n', several)).toEqual([])
  expect(await problemsOf('version: 1\nboot:\n  menu: alpine\n', several)).toEqual([])
})

test('the default must be on the menu', async () => {
  const several = { ...linux('debian'), ...linux('alpine') }
  expect(await problemsOf('version: 1\nboot: {menu: [debian], default: alpine}\n', several)).toEqual([
    'Boottorrent.yaml:2:33: the menu does not offer "alpine"',
  ])
})

test('a folder without systems is worth a warning, not an error', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\n', 'oss/': '' })
  const { configuration, warnings } = await loadEnvironment(environment.directory)
  expect(configuration?.oss).toEqual([])
  expect(warnings.map(({ code, file }) => [code, file])).toEqual([['no-os', 'oss']])
})

test.each([
  ['boot: {}\n', 'Boottorrent.yaml:1:1: "version" is missing'],
  ['version:\n', 'Boottorrent.yaml:1:9: "version" is missing'],
  ['version: 2\n', 'Boottorrent.yaml:1:10: version "2" of this format is not known'],
  ['version: one\n', 'Boottorrent.yaml:1:10: version "one" of this format is not known'],
  ['version: [1]\n', 'Boottorrent.yaml:1:10: version a list of this format is not known'],
  ['boottorrent:\n  version: 7\n', 'Boottorrent.yaml:2:12: version "7" of this format is not known'],
])('"%s" is not a version that we know', async (text, problem) => {
  expect(await problemsOf(text)).toEqual([problem])
})

test('the version may stand where the other version has it', async () => {
  expect(await problemsOf('boottorrent: {version: 1}\nboot: {timeout: 3}\n')).toEqual([])
  expect(await problemsOf('version: 0\nboottorrent: {timeout: 3}\n')).toEqual([])
})

test('a key that is there twice is an error today, and was not in 2018', async () => {
  expect(await problemsOf('version: 1\nboot:\n  timeout: 3\n  timeout: 4\n')).toEqual([
    'Boottorrent.yaml:4:3: "timeout" is already set in line 3',
  ])
  await using old = await temporaryEnvironment({
    'Boottorrent.yaml': 'boottorrent:\n  version: 0\n  timeout: 3\n  timeout: 4\n',
    ...linux('debian'),
  })
  const { configuration, warnings } = await loadEnvironment(old.directory)
  expect(configuration?.boot.timeout).toBe(4)
  expect(warnings.map(({ code, line }) => [code, line])).toEqual([['duplicate-key', 4]])
})

test('a setting with nothing behind its colon has its default', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nboot:\n  default:\n  timeout: ~\nnetwork:\nmachines:\n',
    ...linux('debian'),
  })
  const { configuration } = await loadEnvironment(environment.directory)
  expect(configuration?.boot).toEqual({
    defaultOs: 'debian',
    timeout: 30,
    seedTime: 30,
    secureBoot: false,
    drivers: 'common',
  })
})

test('names that YAML takes for other things stay the names that were written', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nboot: {default: 010, menu: [010, on]}\n',
    ...linux('010'),
    ...linux('on'),
  })
  const { configuration, problems } = await loadEnvironment(environment.directory)
  expect(problems).toEqual([])
  expect(configuration?.boot.defaultOs).toBe('010')
  expect(configuration?.oss.map(({ name, displayName }) => [name, displayName])).toEqual([
    ['010', '010'],
    ['on', 'ON'],
  ])
})

test('a default port gives way to what the user chose', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'boottorrent: {version: 0}\nhefur: {port: 8000}\n',
    ...linux('debian'),
  })
  const { configuration } = await loadEnvironment(environment.directory)
  expect(configuration?.tracker.port).toBe(8000)
  expect(configuration?.http.port).toBe(8001)
})

test('several interfaces, with a range and a router for each network', async () => {
  const network = `network:
  interface: [eth1, eth2]
  host_ip: 10.1.0.1, 10.2.0.1
  range:
    - 10.1.0.50,10.1.0.99
    - 10.2.0.50-10.2.0.99
  router: [10.1.0.254, 10.2.0.254]
`
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': `version: 1\n${network}`, ...linux('a') })
  const { configuration } = await loadEnvironment(environment.directory)
  expect(configuration?.network).toMatchObject({
    interfaces: ['eth1', 'eth2'],
    hostIps: ['10.1.0.1', '10.2.0.1'],
    ranges: [
      { first: '10.1.0.50', last: '10.1.0.99' },
      { first: '10.2.0.50', last: '10.2.0.99' },
    ],
    routers: ['10.1.0.254', '10.2.0.254'],
  })
  // As a flag that is given twice, and a variable that can be given once.
  const { configuration: changed } = await loadEnvironment(environment.directory, [
    { setting: 'network.host_ip', value: '10.3.0.1,10.4.0.1', from: 'BOOTTORRENT_HOST_IP' },
    { setting: 'network.interface', value: ['eth3', 'eth4'], from: '--interface' },
    { setting: 'network.range', value: ['10.3.0.50,10.3.0.99'], from: '--range' },
  ])
  expect(changed?.network).toMatchObject({
    interfaces: ['eth3', 'eth4'],
    hostIps: ['10.3.0.1', '10.4.0.1'],
    ranges: [{ first: '10.3.0.50', last: '10.3.0.99' }],
  })
})

test('mistakes in lists of interfaces, addresses and ranges are found where they are', async () => {
  const text = `version: 1
network:
  interface: [eth1, eth2, eth1]
  host_ip: [10.1.0.1, 10.2.0.1, 10.3.0.1, 10.4.0.1]
  range:
    - 10.1.0.50,10.1.0.99
    - 10.1.0.90,10.1.0.200
    - 10.2.0.50
  router: [10.1.0.254, 10.1.0.254, 300.1.1.1]
  ntp: time.example
  domain: lab..example
`
  expect(await problemsOf(text, linux('a'))).toEqual([
    'Boottorrent.yaml:3:27: "eth1" is named twice',
    'Boottorrent.yaml:4:43: there are more addresses of this computer than interfaces: 10.4.0.1 is one too many',
    'Boottorrent.yaml:7:7: the range overlaps with 10.1.0.50,10.1.0.99',
    'Boottorrent.yaml:8:7: "10.2.0.50" is not a range of addresses like 192.168.1.50,192.168.1.150',
    'Boottorrent.yaml:9:24: "10.1.0.254" is named twice',
    'Boottorrent.yaml:9:36: "300.1.1.1" is not an IPv4 address like 192.168.1.1',
    'Boottorrent.yaml:10:8: "time.example" is not an IPv4 address like 192.168.1.1',
    'Boottorrent.yaml:11:11: "lab..example" is not a domain name like lab.example',
  ])
})

test('a setting from outside the file beats the file, and is checked like one', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nnetwork: {mode: dhcp, interface: eth0}\n',
    ...linux('debian'),
  })
  const { configuration } = await loadEnvironment(environment.directory, [
    { setting: 'network.mode', value: 'off', from: 'BOOTTORRENT_MODE' },
    { setting: 'network.mode', value: 'proxy', from: '--mode' },
    { setting: 'log_level', value: 'debug', from: '--log-level' },
    { setting: 'network.dns', value: '9.9.9.9,1.1.1.1', from: '--dns' },
  ])
  expect(configuration?.network).toMatchObject({ mode: 'proxy', interfaces: ['eth0'], dns: ['9.9.9.9', '1.1.1.1'] })
  expect(configuration?.logLevel).toBe('debug')

  const wrong = await loadEnvironment(environment.directory, [
    { setting: 'http.port', value: 'x', from: '--http-port' },
    { setting: 'boot.default', value: 'debain', from: 'BOOTTORRENT_DEFAULT_OS' },
  ])
  expect(wrong.problems.map((problem) => formatProblem(problem).split('\n'))).toEqual([
    ['--http-port: "x" is not a port number from 1 to 65535', '    Write a port number from 1 to 65535.'],
    ['BOOTTORRENT_DEFAULT_OS: there is no system "debain" in oss/', '    Did you mean "debian"?'],
  ])
})

test('problems come in reading order', async () => {
  const text = 'version: 1\nnetwork: {mode: x}\nboot:\n  default: gone\n  tiemout: 3\n'
  expect(await problemsOf(text, { 'oss/b/config.yaml': '', 'oss/a/config.yaml': 'x' })).toEqual([
    'Boottorrent.yaml:2:17: "x" is not one of auto, proxy, dhcp, off',
    'Boottorrent.yaml:4:12: there is no system "gone" in oss/',
    'Boottorrent.yaml:5:3: unknown key "tiemout" in boot:',
    'oss/a/config.yaml:1:1: expected a mapping ("key: value" lines), found "x"',
    'oss/b/config.yaml: the file is empty',
  ])
})
