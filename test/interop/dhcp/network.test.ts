/** What a server does to the network around it, and the network to it. */
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Option } from '../../../src/dhcp/options.ts'
import { encode } from '../../../src/dhcp/packet.ts'
import { request } from '../../unit/dhcp/build.ts'
import { createLan, type Lan } from './lan.ts'
import { foreignServer, lineOf, lines, runToEnd, SERVER, serve, udhcpc } from './network.ts'

let lan: Lan

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
})
afterEach(() => lan.close())

const FAST = ['-t', '2', '-T', '1']

describe('two interfaces of which one is served', () => {
  beforeEach(async () => {
    await lan.run('ip', 'link', 'add', 'lan1', 'type', 'bridge')
    await lan.run('ip', 'address', 'add', '172.31.0.1/24', 'dev', 'lan1')
    await lan.run('ip', 'link', 'set', 'lan1', 'up')
    // The way out of this machine is the interface that is not served, as on a laptop.
    await lan.run('ip', 'route', 'add', 'default', 'via', '172.31.0.254', 'dev', 'lan1')
  })

  test('the other one never sees a packet of ours, though its machines are heard', async () => {
    await using server = await serve(lan)
    const host = await lan.host('02:00:00:00:03:01', 'lan1')
    const watcher = lan.spawn('perl', fileURLToPath(new URL('sniff.pl', import.meta.url)), 'lan1')
    await lineOf(watcher, /listening on/)
    const seen: string[] = []
    lines(watcher.stdout, (line) => seen.push(line))

    expect(await udhcpc(host, ...FAST)).toEqual({})
    await server.waitFor(({ event, mac }) => event === 'dhcp.offer' && mac === '02:00:00:00:03:01', 'the offer')
    expect(server.count('dhcp.ack')).toBe(0)
    expect((await udhcpc(await lan.host('02:00:00:00:03:02'))).ip).toMatch(/^172\.30\./)
    // The machine's own calls are seen, and nothing else.
    expect([...new Set(seen)]).toEqual(['0.0.0.0:68 > 255.255.255.255:67'])

    // The watcher does see such packets when there are any.
    await server.stop()
    const pool = { first: '172.31.0.100', last: '172.31.0.200', leaseSeconds: 60 }
    const interfaces = [{ name: 'lan1', address: '172.31.0.1', netmask: '255.255.255.0' }]
    await using _other = await serve(lan, { interfaces, pool })
    const line = lineOf(watcher, /^172\.31\.0\.1:67 > 255\.255\.255\.255:68$/)
    await udhcpc(host)
    await line
  })

  test('when both are served, each machine gets an address of its own network', async () => {
    const second = { name: 'lan1', address: '172.31.0.1', netmask: '255.255.255.0' }
    const pool = [
      { first: '172.30.0.100', last: '172.30.0.200', leaseSeconds: 60 },
      { first: '172.31.0.100', last: '172.31.0.200', leaseSeconds: 60 },
    ]
    await using _server = await serve(lan, { interfaces: [SERVER, second], pool })
    const one = await udhcpc(await lan.host('02:00:00:00:03:03', 'lan0'))
    const two = await udhcpc(await lan.host('02:00:00:00:03:04', 'lan1'))
    expect([one.ip, one.serverid]).toEqual([expect.stringMatching(/^172\.30\./), '172.30.0.1'])
    expect([two.ip, two.serverid]).toEqual([expect.stringMatching(/^172\.31\./), '172.31.0.1'])
  })
})

test('a packet from port 0 is not answered, and the next machine is served', async () => {
  await using server = await serve(lan)
  const host = await lan.host('02:00:00:00:03:21')
  await host.run('ip', 'address', 'add', '172.30.0.99/24', 'dev', 'eth0')
  const packet = request('request', { ciaddr: '172.30.0.99', options: [[Option.vendorClass, 'PXEClient:Arch:00000']] })
  const sender = fileURLToPath(new URL('port-0.pl', import.meta.url))
  await host.run('perl', sender, SERVER.address, '4011', Buffer.from(encode(packet).bytes).toString('hex'))
  await server.waitFor(({ event, from }) => event === 'dhcp.ignored' && from === '172.30.0.99:0', 'the refusal')
  expect((await udhcpc(await lan.host('02:00:00:00:03:22'))).ip).toMatch(/^172\.30\./)
})

describe('inherited sockets', () => {
  /** Opens the descriptors 3 and 4 as systemd does, bound to one interface each, and becomes the server. */
  const OPEN_SOCKETS = `
    use Socket; $^F = 9; my @kept;
    for my $name ('lan0', 'lan1') {
      socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die; push @kept, $socket;
      setsockopt($socket, SOL_SOCKET, 25, $name) or die 'SO_BINDTODEVICE';
      setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1) or die;
      bind($socket, sockaddr_in(67, INADDR_ANY)) or die 'bind';
    }
    exec @ARGV;`

  test('tell which network a broadcast comes from: no offer goes astray', async () => {
    await lan.run('ip', 'link', 'add', 'lan1', 'type', 'bridge')
    await lan.run('ip', 'address', 'add', '172.31.0.1/24', 'dev', 'lan1')
    await lan.run('ip', 'link', 'set', 'lan1', 'up')
    const options = {
      interfaces: [SERVER, { name: 'lan1', address: '172.31.0.1', netmask: '255.255.255.0' }],
      pool: [
        { first: '172.30.0.100', last: '172.30.0.200', leaseSeconds: 60 },
        { first: '172.31.0.100', last: '172.31.0.200', leaseSeconds: 60 },
      ],
      inherited: [
        { interface: 'lan0', fd: 3 },
        { interface: 'lan1', fd: 4 },
      ],
    }
    await using server = await serve(lan, options, ['perl', '-e', OPEN_SOCKETS])
    const one = await udhcpc(await lan.host('02:00:00:00:03:11', 'lan0'))
    const two = await udhcpc(await lan.host('02:00:00:00:03:12', 'lan1'))
    expect([one.serverid, two.serverid]).toEqual(['172.30.0.1', '172.31.0.1'])
    expect([one.ip, two.ip]).toEqual([expect.stringMatching(/^172\.30\./), expect.stringMatching(/^172\.31\./)])
    const offers = server.log.filter(({ event }) => event === 'dhcp.offer')
    expect(new Set(offers.map(({ mac, interface: name }) => `${mac} ${name}`)).size).toBe(2)
  })
})

describe('an interface', () => {
  test('that goes down and up again is served on', async () => {
    await using _server = await serve(lan)
    await lan.run('ip', 'link', 'set', 'lan0', 'down')
    const host = await lan.host('02:00:00:00:03:05')
    expect(await udhcpc(host, '-t', '1', '-T', '1')).toEqual({})
    await lan.run('ip', 'link', 'set', 'lan0', 'up')
    expect((await udhcpc(host)).ip).toMatch(/^172\.30\./)
  })

  test('that loses its address and gets it back is served on, and the gap is told', async () => {
    await using server = await serve(lan)
    const host = await lan.host('02:00:00:00:03:06')
    await lan.run('ip', 'address', 'del', '172.30.0.1/24', 'dev', 'lan0')
    expect(await udhcpc(host, '-t', '1', '-T', '1')).toEqual({})
    await server.waitFor(({ event }) => event === 'dhcp.send-failed', 'the complaint')
    await lan.run('ip', 'address', 'add', '172.30.0.1/24', 'dev', 'lan0')
    expect((await udhcpc(host)).ip).toMatch(/^172\.30\./)
  })
})

describe('another DHCP server', () => {
  const probe = async (timeout: number) => {
    const script = fileURLToPath(new URL('probe.ts', import.meta.url))
    const { code, output } = await runToEnd(lan, process.execPath, script, SERVER.address, `${timeout}`)
    return { code, found: JSON.parse(output) }
  }

  test('is found by asking, and nothing is taken from it', async () => {
    await foreignServer(await lan.host('02:00:00:00:03:99'))
    const { found } = await probe(4_000)
    expect(found).toEqual([
      { server: '172.30.0.2', offered: expect.stringMatching(/^172\.30\.0\.5\d|60$/), boots: false },
    ])
  })

  test('that is not there is not found', async () => {
    expect(await probe(300)).toEqual({ code: 0, found: [] })
  })

  test('is told of while we serve', async () => {
    await using server = await serve(lan)
    await foreignServer(await lan.host('02:00:00:00:03:99'))
    // Whichever server it takes, the other one's broadcast offer is heard.
    await udhcpc(await lan.host('02:00:00:00:03:07'), '-B')
    const entry = await server.waitFor(({ event }) => event === 'dhcp.other-server', 'the warning')
    expect(entry).toMatchObject({ level: 'warn', server: '172.30.0.2' })
  })
})

test('100 machines a second get their addresses without a loss', async () => {
  await lan.run('ip', 'address', 'add', '10.77.0.1/16', 'dev', 'lan0')
  const served = { name: 'lan0', address: '10.77.0.1', netmask: '255.255.0.0' }
  const pool = { first: '10.77.1.0', last: '10.77.8.255', leaseSeconds: 3600 }
  await using _server = await serve(lan, { interfaces: [served], pool })
  const host = await lan.host('02:00:00:00:03:08')
  await host.run('ip', 'address', 'add', '10.77.0.2/16', 'dev', 'eth0')
  // perfdhcp stands for a relay agent with a thousand machines behind it.
  const words = ['-4', '-r', '100', '-R', '1000', '-p', '3', '-l', '10.77.0.2', '10.77.0.1']
  const { output } = await runToEnd(host, 'perfdhcp', ...words)
  const [discovers, requests] = [...output.matchAll(/^received packets: (\d+)$/gm)].map(([, count]) => Number(count))
  const drops = [...output.matchAll(/^drops: (\d+)$/gm)].map(([, count]) => Number(count))
  expect(discovers).toBeGreaterThan(250)
  expect(requests).toBe(discovers)
  expect(drops).toEqual([0, 0])
})
