/** `doctor` on a network of its own, where each thing that it names is brought about for real. */
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLan, type Host, type Lan } from '../dhcp/lan.ts'
import { foreignServer, lineOf } from '../dhcp/network.ts'
import { writeClient } from '../server/client-files.ts'
import { createEnvironment, program, startProgram, type TestEnvironment } from '../server/program.ts'

interface Check {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failure'
  readonly message: string
  readonly hint: string | null
}

interface Finding {
  readonly code: number
  readonly ok: boolean
  readonly checks: readonly Check[]
  /** The only check of this name. */
  of(name: string): Check
}

let lan: Lan
let environment: TestEnvironment

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
  environment = await createEnvironment()
  // Nobody looks for DHCP servers, which takes seconds, where a test is not about them.
  await environment.write('network: { interface: lan0, mode: "off" }')
})

afterEach(async () => {
  await lan.close()
  await environment[Symbol.asyncDispose]()
})

/** Runs a command that ends with `doctor --json` and reads what it says. */
async function examined(on: Host, ...command: string[]): Promise<Finding> {
  const child = on.spawn(...command)
  const said: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
  const code = await new Promise<number>((resolve) => child.once('close', resolve))
  expect(errors.join('')).toBe('')
  const { ok, checks } = JSON.parse(said.join('')) as { ok: boolean; checks: Check[] }
  const of = (name: string) => {
    const found = checks.filter((check) => check.name === name)
    expect(found, JSON.stringify(checks, null, 2)).toHaveLength(1)
    return found[0] as Check
  }
  return { code, ok, checks, of }
}

function doctor(...words: string[]): Promise<Finding> {
  return examined(lan, ...doctorWords(...words))
}

function doctorWords(...words: string[]): string[] {
  return [process.execPath, program, 'doctor', environment.directory, '--json', ...words]
}

test('a computer on which all is well is ready to start', async () => {
  await environment.write('network: { interface: lan0 }')
  const { code, ok, checks } = await doctor()
  expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
  expect({ code, ok }).toEqual({ code: 0, ok: true })
})

test('a port that another program holds: the program is named, and the exit code is 3', async () => {
  const holding = `use Socket; $| = 1; socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die;
    bind($socket, sockaddr_in(69, INADDR_ANY)) or die; print "bound\\n"; sleep;`
  await lineOf(lan.spawn('perl', '-e', holding), /bound/)
  const { code, of } = await doctor()
  expect(code).toBe(3)
  expect(of('tftp-port')).toMatchObject({ state: 'failure', hint: expect.stringMatching(/^Stop perl/) })
  expect(of('tftp-port').message).toMatch(/^perl \(process \d+\) already uses UDP 172\.30\.0\.1:69, the port of TFTP$/)
  expect(of('http-port').state).toBe('ok')
})

test('the ports of the boottorrent that runs here are no failure', async () => {
  await using _server = await startProgram(lan, environment.directory)
  const { code, of } = await doctor()
  expect(code).toBe(0)
  for (const name of ['tftp-port', 'http-port', 'tracker-port', 'seeder-port'])
    expect(of(name).message).toMatch(/the boottorrent that runs here has it \(process \d+\)/)
})

test('without the rights of root: each way to get them is told, a taken port is found, and the exit code is 3', async () => {
  const holding = `use Socket; $| = 1; socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die;
    bind($socket, sockaddr_in(67, INADDR_ANY)) or die; print "bound\\n"; sleep;`
  await lineOf(lan.spawn('perl', '-e', holding), /bound/)
  const { code, of } = await examined(
    lan,
    ...['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'],
    ...doctorWords('--mode', 'dhcp'),
  )
  expect(code).toBe(3)
  expect(of('rights')).toMatchObject({
    state: 'failure',
    message: 'This user may not bind the ports 67, 69',
    hint: expect.stringMatching(/sudo.*net\.ipv4\.ip_unprivileged_port_start=67.*AmbientCapabilities/),
  })
  expect(of('dhcp-port')).toMatchObject({ state: 'failure', message: expect.stringMatching(/already uses UDP/) })
  expect(of('tftp-port').state).toBe('ok')
  expect(of('dhcp-server')).toMatchObject({ state: 'warning', hint: expect.stringMatching(/sudo/) })
  expect(of('firewall')).toMatchObject({ state: 'warning', message: 'This user may not see the firewall' })
})

test('the remedy works: once the system lets everybody bind them, no right is missing', async () => {
  await lan.run('sh', '-c', 'echo 67 > /proc/sys/net/ipv4/ip_unprivileged_port_start')
  const bare = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs']
  const { code, of } = await examined(lan, ...bare, ...doctorWords())
  expect(of('rights').state).toBe('ok')
  expect(code).toBe(0)
})

test('an interface that is switched off is told as such, with exit code 2', async () => {
  await lan.run('ip', 'link', 'set', 'lan0', 'down')
  const { code, of } = await doctor()
  expect(of('interface')).toMatchObject({ state: 'failure', hint: 'Switch it on: ip link set lan0 up' })
  expect(code).toBe(2)
})

test('an interface without an address, and one that is not there', async () => {
  await lan.run('ip', 'address', 'flush', 'dev', 'lan0')
  const bare = await doctor()
  expect(bare.of('interface')).toMatchObject({ state: 'failure', hint: expect.stringMatching(/ip address add/) })
  expect(bare.code).toBe(2)
  const missing = await doctor('--interface', 'lan7')
  expect(missing.of('interface')).toMatchObject({ state: 'failure', hint: 'Did you mean lan0?' })
})

test('a cable with nobody at the other end is a warning', async () => {
  await lan.run('ip', 'link', 'add', 'eth9', 'type', 'veth', 'peer', 'name', 'wall')
  await lan.run('ip', 'address', 'add', '10.9.9.1/24', 'dev', 'eth9')
  await lan.run('ip', 'link', 'set', 'eth9', 'up')
  const { code, of } = await doctor('--interface', 'eth9')
  expect(of('interface')).toMatchObject({ state: 'warning', hint: expect.stringMatching(/^Plug it/) })
  expect(code).toBe(0)
})

test('another DHCP server is a conflict with mode dhcp (exit code 4), and none with mode auto', async () => {
  await foreignServer(await lan.host('02:00:00:00:08:99'))
  const conflict = await doctor('--mode', 'dhcp')
  expect(conflict.of('dhcp-server')).toMatchObject({ state: 'failure', hint: expect.stringMatching(/auto or proxy/) })
  expect(conflict.code).toBe(4)
  const beside = await doctor('--mode', 'auto')
  expect(beside.of('dhcp-server')).toMatchObject({
    state: 'ok',
    message: '172.30.0.2 gives addresses on lan0: boottorrent gives boot files only',
  })
  expect(beside.code).toBe(0)
})

test('a firewall of nft: the command that doctor names lets the ports in', async () => {
  await lan.run(
    'nft',
    'add table inet room; add chain inet room input { type filter hook input priority 0; policy drop; }',
  )
  await lan.run('nft', 'add rule inet room input iifname lan0 tcp dport { 6881, 8000, 10001 } accept')
  const closed = await doctor()
  const { state, message, hint } = closed.of('firewall')
  expect(state).toBe('warning')
  expect(message).toMatch(/\(inet room\).* UDP 69, 10001$/)
  expect(closed.code).toBe(0)

  await lan.run('sh', '-c', (hint ?? '').replace('Let them in: ', ''))
  expect((await doctor()).of('firewall').state).toBe('ok')
})

test('a firewall of iptables: the commands that doctor names let the ports in', async () => {
  await lan.run('iptables', '-P', 'INPUT', 'DROP')
  const closed = (await doctor()).checks.filter(({ name }) => name === 'firewall')
  expect(closed.map(({ state, message }) => [state, message.slice(-23)])).toEqual([
    ['warning', 'at lets in UDP 69, 10001'.slice(-23)],
    ['warning', 'in TCP 6881, 8000, 10001'.slice(-23)],
  ])
  for (const { hint } of closed) await lan.run('sh', '-c', (hint ?? '').replace('Let them in: ', ''))
  expect((await doctor()).of('firewall').state).toBe('ok')
})

test('a full disk is a failure, and nothing is left behind on it', async () => {
  const full =
    'cd "$0" && mkdir out && mount -t tmpfs -o size=128k tmpfs out && ! head -c 1m /dev/zero 2>/dev/null >out/filler'
  const shown = `${full}; "$@"; code=$?; ls -A out >&2; exit $code`
  const child = lan.spawn('unshare', '-m', 'sh', '-c', shown, environment.directory, ...doctorWords())
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  let left = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    left += text
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  const { checks } = JSON.parse(said) as { checks: Check[] }
  expect(checks.find(({ name }) => name === 'disk')).toMatchObject({
    state: 'failure',
    message: `There is no room left on the disk to write ${path.join(environment.directory, 'out')}`,
  })
  expect(left).toBe('filler\n')
  expect(code).toBe(1)
})

test('a disk that may not be written to is a failure of rights', async () => {
  const { code, of } = await examined(
    lan,
    ...['unshare', '-m', 'sh', '-c', 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && "$@"'],
    environment.directory,
    ...doctorWords(),
  )
  expect(of('disk')).toMatchObject({ state: 'failure', message: expect.stringMatching(/^This user may not write to/) })
  expect(code).toBe(3)
})

test('a file that is missing, a path that leaves its folder, and a mistake in YAML are told with their places', async () => {
  await environment.write('network: { interface: lan0 }')
  const config = path.join(environment.directory, 'oss/demo/config.yaml')
  await rm(path.join(environment.directory, 'oss/demo/vmlinuz'))
  const missing = await doctor()
  expect(missing.of('environment')).toMatchObject({
    state: 'failure',
    message: 'oss/demo/config.yaml:3:9: "vmlinuz" is not in the folder of the system',
  })
  expect(missing.code).toBe(2)

  await writeFile(config, 'dispname: Demo\nmethod: kexec\nkernel: ../../Boottorrent.yaml\n')
  const leaving = await doctor()
  expect(leaving.of('environment').message).toMatch(/^oss\/demo\/config\.yaml:3:9: .* is outside the folder/)
  expect(leaving.code).toBe(2)

  await environment.write('network: [')
  const broken = await doctor()
  expect(broken.checks[0]).toMatchObject({ name: 'environment', state: 'failure' })
  expect(broken.checks[0]?.message).toMatch(/^Boottorrent\.yaml:\d+:\d+: /)
  expect(broken.code).toBe(2)
  // What does not depend on it is looked at all the same.
  expect(broken.of('client').state).toBe('ok')
})

test('a client with a file that is gone or cut off is not whole, which is exit code 1', async () => {
  const folder = path.join(environment.directory, 'client')
  const manifest = await writeClient(folder)
  const withClient = [process.execPath, path.join(import.meta.dirname, 'doctor-with-client.ts')]
  const look = () => examined(lan, ...withClient, manifest, environment.directory)
  expect((await look()).of('client').state).toBe('ok')

  await writeFile(path.join(folder, 'base.img'), 'cut')
  const cut = await look()
  expect(cut.of('client').message).toMatch(/base\.img has 3 bytes, and the manifest says 19$/)
  expect(cut.code).toBe(1)
  await rm(path.join(folder, 'base.img'))
  expect((await look()).of('client').message).toMatch(/base\.img cannot be read$/)
  await rm(manifest)
  expect((await look()).of('client')).toMatchObject({ state: 'failure', hint: expect.stringMatching(/build:client/) })
})

test('an image that no PC has room for is a warning with both figures', async () => {
  // Takes no room on the disk.
  await lan.run('truncate', '-s', '9000000000', path.join(environment.directory, 'oss/demo/root.img'))
  const { code, of } = await doctor()
  expect(of('images').message).toBe("demo takes 9.0 GB of a machine's memory, more than a PC with 8.0 GB has")
  expect(of('images').state).toBe('warning')
  expect(code).toBe(0)
})
