/** Several interfaces, one of several, and interfaces that change while they are served. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLan, type Host, type Lan } from '../dhcp/lan.ts'
import { lineOf, lines, runToEnd, udhcpc } from '../dhcp/network.ts'
import { createEnvironment, startProgram, type TestEnvironment } from './program.ts'

let lan: Lan
let environment: TestEnvironment

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
  await lan.run('ip', 'link', 'set', 'lo', 'up')
  environment = await createEnvironment()
})
afterEach(async () => {
  await lan.close()
  await environment[Symbol.asyncDispose]()
})

async function secondBridge(): Promise<void> {
  // Without snooping: a bridge joins a multicast group for it, which is no packet of ours.
  await lan.run('ip', 'link', 'add', 'lan1', 'type', 'bridge', 'mcast_snooping', '0')
  await lan.run('ip', 'address', 'add', '172.31.0.1/24', 'dev', 'lan1')
  await lan.run('ip', 'link', 'set', 'lan1', 'up')
}

/** A machine with the address that it was given. */
async function machine(mac: string, bridge: string): Promise<{ host: Host; lease: Record<string, string> }> {
  const host = await lan.host(mac, bridge)
  const lease = await udhcpc(host)
  await host.run('ip', 'address', 'add', `${lease.ip}/24`, 'dev', 'eth0')
  return { host, lease }
}

async function fetched(host: Host, url: string): Promise<string> {
  return host.run('curl', '--silent', '--show-error', '--fail', '--max-time', '10', url)
}

/** Downloads the system with a foreign client, by the torrent that the environment segment has for this network. */
async function download(host: Host, server: string, folder: string, ...more: string[]): Promise<void> {
  await host.run('mkdir', '-p', folder)
  await host.run('sh', '-c', `curl -sf http://${server}:8000/environment.img | bsdtar -xf - -C ${folder}`)
  const torrent = path.join(folder, 'boottorrent/torrents/demo.torrent')
  const quiet = ['--enable-dht=false', '--enable-dht6=false', '--seed-time=0', '--quiet', '--disable-ipv6=true']
  const { code, output } = await runToEnd(host, 'aria2c', ...quiet, ...more, '--dir', folder, torrent)
  expect(output).toBe('')
  expect(code).toBe(0)
}

test('two interfaces are served, and each machine is told the address that it reaches us at', async () => {
  await secondBridge()
  await environment.write(`network:
  interface: [lan0, lan1]
  mode: dhcp
  range: [172.30.0.50-172.30.0.60, 172.31.0.50-172.31.0.60]
  router: [172.30.0.254, 172.31.0.254]
  ntp: 172.30.0.123
  domain: lab.example
`)
  await using server = await startProgram(lan, environment.directory)
  expect(server.said.find(({ event }) => event === 'server.ready')).toMatchObject({
    interfaces: [{ name: 'lan0' }, { name: 'lan1' }],
  })
  const served = [
    { bridge: 'lan0', network: '172.30.0.', other: '172.31.0.' },
    { bridge: 'lan1', network: '172.31.0.', other: '172.30.0.' },
  ]
  for (const { bridge, network, other } of served) {
    const us = `${network}1`
    const { host, lease } = await machine(`02:00:00:00:07:${bridge === 'lan0' ? '01' : '02'}`, bridge)
    expect(lease).toMatchObject({
      serverid: us,
      router: `${network}254`,
      ntpsrv: '172.30.0.123',
      domain: 'lab.example',
    })
    expect(lease.ip).toMatch(new RegExp(`^${network}(5\\d|60)$`))

    const script = await fetched(host, `http://${us}:8000/boot.ipxe`)
    expect(script).toContain(`boottorrent.server=http://${us}:8000`)
    expect(script).not.toContain(other)
    const byTftp = path.join(environment.directory, `${bridge}.ipxe`)
    await host.run('busybox', 'tftp', '-g', '-r', 'boot.ipxe', '-l', byTftp, us)
    expect(await readFile(byTftp, 'utf8')).toBe(script)

    const folder = path.join(environment.directory, bridge)
    await download(host, us, folder)
    const downloaded = await readFile(path.join(folder, 'demo/vmlinuz'))
    expect(downloaded.equals(await readFile(path.join(environment.directory, 'oss/demo/vmlinuz')))).toBe(true)
    const told = await readFile(path.join(folder, 'boottorrent/config.json'), 'utf8')
    expect(JSON.parse(told)).toMatchObject({ reportUrl: `http://${us}:8000/report` })
    expect(await readFile(path.join(folder, 'boottorrent/torrents/demo.torrent'), 'latin1')).not.toContain(other)
  }
})

test('two interfaces in one network are refused before anything is served', async () => {
  await secondBridge()
  await lan.run('ip', 'address', 'add', '172.30.0.2/24', 'dev', 'lan1')
  await environment.write('network: { interface: [lan0, lan1], host_ip: [172.30.0.1, 172.30.0.2] }')
  await expect(startProgram(lan, environment.directory)).rejects.toThrow(/are in the same network/)
})

describe('sockets of a service manager for two interfaces', () => {
  const SERVICE_MANAGER = `
    use Socket; $^F = 9; my @kept;
    for my $name ('lan1', 'lan0') {
      socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die; push @kept, $socket;
      setsockopt($socket, SOL_SOCKET, 25, $name) or die 'SO_BINDTODEVICE';
      setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1) or die;
      bind($socket, sockaddr_in(67, INADDR_ANY)) or die 'bind';
    }
    $ENV{LISTEN_FDS} = 2; $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDNAMES} = shift;
    exec @ARGV;`

  beforeEach(async () => {
    await secondBridge()
    await environment.write('network: { interface: [lan0, lan1], mode: dhcp }')
  })

  test('are known by their names, and stay when an address changes', async () => {
    const launcher = ['perl', '-e', SERVICE_MANAGER, 'lan1:lan0']
    await using server = await startProgram(lan, environment.directory, launcher)
    expect((await machine('02:00:00:00:07:11', 'lan0')).lease.serverid).toBe('172.30.0.1')
    expect((await machine('02:00:00:00:07:12', 'lan1')).lease.serverid).toBe('172.31.0.1')
    await lan.run('ip', 'address', 'del', '172.31.0.1/24', 'dev', 'lan1')
    await lan.run('ip', 'address', 'add', '172.31.0.9/24', 'dev', 'lan1')
    await server.waitFor('network.following')
    expect((await machine('02:00:00:00:07:13', 'lan1')).lease.serverid).toBe('172.31.0.9')
    expect((await machine('02:00:00:00:07:14', 'lan0')).lease.serverid).toBe('172.30.0.1')
  })

  test('without names are refused, with what to write', async () => {
    const launcher = ['perl', '-e', SERVICE_MANAGER, '']
    await expect(startProgram(lan, environment.directory, launcher)).rejects.toThrow(/FileDescriptorName/)
  })
})

test('an interface that is served is followed through all that may become of it', async () => {
  await environment.write('network: { interface: lan0, mode: dhcp }')
  await using server = await startProgram(lan, environment.directory)
  const { host, lease } = await machine('02:00:00:00:07:21', 'lan0')

  // Switched off, and on again.
  await lan.run('ip', 'link', 'set', 'lan0', 'down')
  const lost = await server.waitFor('network.lost')
  expect(lost.message).toMatch(/ip link set lan0 up; ip address add 172\.30\.0\.1\/24 dev lan0/)
  await lan.run('ip', 'link', 'set', 'lan0', 'up')
  await server.waitFor('network.returned')
  expect((await udhcpc(host)).ip).toBe(lease.ip)
  expect(await fetched(host, 'http://172.30.0.1:8000/boot.ipxe')).toContain('http://172.30.0.1:8000')

  // Another address: all services follow, and machines keep theirs.
  let told = server.said.length
  await lan.run('ip', 'address', 'del', '172.30.0.1/24', 'dev', 'lan0')
  await lan.run('ip', 'address', 'replace', '172.30.0.9/24', 'dev', 'lan0')
  const moved = await server.waitFor('network.moved', told)
  expect(moved).toMatchObject({ level: 'warn', interface: 'lan0', address: '172.30.0.9' })
  await server.waitFor('network.following', told)
  expect(await udhcpc(host)).toMatchObject({ ip: lease.ip, serverid: '172.30.0.9' })
  await host.run('busybox', 'tftp', '-g', '-r', 'boot.ipxe', '-l', '/dev/null', '172.30.0.9')
  await download(host, '172.30.0.9', path.join(environment.directory, 'downloaded'))
  expect(await readFile(path.join(environment.directory, '.boottorrent/leases'), 'utf8')).toContain(lease.ip)

  // Another network: a range of that is given.
  told = server.said.length
  await lan.run('ip', 'address', 'del', '172.30.0.9/24', 'dev', 'lan0')
  await lan.run('ip', 'address', 'add', '10.77.0.1/24', 'dev', 'lan0')
  await server.waitFor('network.following', told)
  const elsewhere = await machine('02:00:00:00:07:22', 'lan0')
  expect(elsewhere.lease).toMatchObject({ serverid: '10.77.0.1', ip: expect.stringMatching(/^10\.77\.0\./) })
  expect(await fetched(elsewhere.host, 'http://10.77.0.1:8000/boot.ipxe')).toContain('http://10.77.0.1:8000')

  // Gone, and back as a new one at the first address: the lease of then is still known.
  told = server.said.length
  await lan.run('ip', 'link', 'del', 'lan0')
  expect((await server.waitFor('network.lost', told)).message).toMatch(/is gone/)
  await lan.run('ip', 'link', 'add', 'lan0', 'type', 'bridge')
  await lan.run('ip', 'address', 'add', '172.30.0.1/24', 'dev', 'lan0')
  await lan.run('ip', 'link', 'set', 'lan0', 'up')
  await server.waitFor('network.following', told)
  const back = await lan.host('02:00:00:00:07:21', 'lan0')
  expect(await udhcpc(back)).toMatchObject({ ip: lease.ip, serverid: '172.30.0.1' })
}, 120_000)

test('an interface that is not served never sees a packet of ours, whatever the program does', async () => {
  await secondBridge()
  // The way out of this computer is the interface that is not served, as on a laptop.
  await lan.run('ip', 'route', 'add', 'default', 'via', '172.31.0.254', 'dev', 'lan1')
  await environment.write('network: { interface: lan0 }\nseeder: { lpd: true }')
  const watch = async (bridge: string) => {
    const watcher = lan.spawn('perl', fileURLToPath(new URL('../dhcp/sniff.pl', import.meta.url)), bridge, 'outgoing')
    await lineOf(watcher, /listening on/)
    const seen: string[] = []
    lines(watcher.stdout, (line) => seen.push(line))
    return seen
  }
  const [onLan0, onLan1] = [await watch('lan0'), await watch('lan1')]

  await using server = await startProgram(lan, environment.directory)
  const beside = await lan.host('02:00:00:00:07:31', 'lan1')
  expect(await udhcpc(beside, '-t', '2', '-T', '1')).toEqual({})
  await server.waitFor('dhcp.offer')

  const { host } = await machine('02:00:00:00:07:32', 'lan0')
  await fetched(host, 'http://172.30.0.1:8000/boot.ipxe')
  await host.run('busybox', 'tftp', '-g', '-r', 'boot.ipxe', '-l', '/dev/null', '172.30.0.1')
  await download(host, '172.30.0.1', path.join(environment.directory, 'downloaded'), '--bt-enable-lpd=true')

  // Each service was seen where it is meant to be, so that the silence elsewhere means something.
  const expected = [
    /^udp 172\.30\.0\.1:68 > 255\.255\.255\.255:67$/,
    /^udp 172\.30\.0\.1:67 > 255\.255\.255\.255:68$/,
    /^udp 172\.30\.0\.1:\d+ > 172\.30\.0\.\d+:\d+$/,
    /^tcp 172\.30\.0\.1:8000 > /,
    /^tcp 172\.30\.0\.1:10001 > /,
    /^tcp 172\.30\.0\.1:6881 > /,
    /^udp 172\.30\.0\.1:6771 > 239\.192\.152\.143:6771$/,
  ]
  for (const pattern of expected)
    expect(
      onLan0.some((line) => pattern.test(line)),
      `${pattern}`,
    ).toBe(true)
  expect(onLan1).toEqual([])
})
