/** The program on a network that others use too: what it refuses, what it finds, and what it is given. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLan, type Lan } from '../dhcp/lan.ts'
import { foreignServer, lineOf, lines, runToEnd, udhcpc } from '../dhcp/network.ts'

const program = path.resolve(import.meta.dirname, '../../../dist/boottorrent.js')

let lan: Lan
let environment: string

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
  environment = await mkdtemp(path.join(tmpdir(), 'boottorrent-network-'))
  await mkdir(path.join(environment, 'oss/demo'), { recursive: true })
  await writeFile(path.join(environment, 'oss/demo/vmlinuz'), 'a kernel')
  await writeFile(path.join(environment, 'oss/demo/config.yaml'), 'dispname: Demo\nmethod: kexec\nkernel: vmlinuz\n')
})
afterEach(async () => {
  await lan.close()
  await rm(environment, { recursive: true, force: true })
})

async function writeNetwork(network: string): Promise<void> {
  await writeFile(path.join(environment, 'Boottorrent.yaml'), `version: 1\nnetwork: { interface: lan0, ${network} }\n`)
}

describe('beside another DHCP server', () => {
  beforeEach(async () => foreignServer(await lan.host('02:00:00:00:05:99')))

  test('an explicit mode dhcp is refused with exit code 4, the name of that server and the remedy', async () => {
    await writeNetwork('mode: dhcp')
    const { code, output } = await runToEnd(lan, process.execPath, program, 'start', environment)
    expect(output).toMatch(/172\.30\.0\.2 gives addresses on lan0, and the mode is dhcp/)
    expect(output).toMatch(/auto or proxy/)
    expect(code).toBe(4)
  })

  test('mode auto gives boot files only', async () => {
    await writeNetwork('mode: auto')
    const server = lan.spawn(process.execPath, program, 'start', environment, '--json')
    expect(await lineOf(server, /"event":"dhcp.listening"/)).toMatch(/"mode":"proxy"/)
  })
})

test('a DHCP client that keeps port 68 to itself does not stop a server in mode dhcp, which says so', async () => {
  const alone = `use Socket; socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die;
    bind($socket, sockaddr_in(68, INADDR_ANY)) or die; $| = 1; print "bound\\n"; sleep;`
  await lineOf(lan.spawn('perl', '-e', alone), /bound/)
  await writeNetwork('mode: dhcp')
  const server = lan.spawn(process.execPath, program, 'start', environment, '--json')
  const said: string[] = []
  lines(server.stdout, (line) => said.push(line))
  await lineOf(server, /"event":"server.ready"/)
  expect(said.find((line) => line.includes('"dhcp.not-probed"'))).toMatch(/255\.255\.255\.255:68|0\.0\.0\.0:68|:68/)
})

test('a range of another network is found before anything is served, with exit code 2', async () => {
  await writeNetwork('mode: dhcp, range: 10.1.2.3-10.1.2.9')
  const { code, output } = await runToEnd(lan, process.execPath, program, 'start', environment, '--json')
  expect(output).toMatch(/10\.1\.2\.3-10\.1\.2\.9 is not in the network of any served interface/)
  expect(output).toMatch(/172\.30\.0\.1\/255\.255\.255\.0/)
  expect(output).not.toMatch(/listening|torrent\.made/)
  expect(code).toBe(2)
})

describe('with a socket that a service manager opened (LISTEN_FDS)', () => {
  /** Opens the socket as systemd does for a socket unit, and becomes the program. */
  const SERVICE_MANAGER = `
    use Socket; $^F = 9;
    socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die;
    setsockopt($socket, SOL_SOCKET, 25, 'lan0') or die 'SO_BINDTODEVICE';
    setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1) or die;
    bind($socket, sockaddr_in(67, INADDR_ANY)) or die 'bind';
    fileno($socket) == 3 or die 'descriptor';
    $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$;
    exec @ARGV;`

  test('machines get their addresses through it', async () => {
    await writeNetwork('mode: dhcp, range: 172.30.0.50-172.30.0.60')
    const words = ['-e', SERVICE_MANAGER, process.execPath, program, 'start', environment, '--json']
    const server = lan.spawn('perl', ...words)
    const said: string[] = []
    lines(server.stdout, (line) => said.push(line))
    await lineOf(server, /"event":"server.ready"/)
    // Nobody but the one that was passed holds the port: two could not be bound.
    expect(await lan.run('ss', '-Hulnp', 'sport = :67')).toMatch(/^UNCONN[^\n]*0\.0\.0\.0%lan0:67[^\n]*\n$/)
    expect((await udhcpc(await lan.host('02:00:00:00:05:01'))).ip).toMatch(/^172\.30\.0\.(5\d|60)$/)
  })
})
