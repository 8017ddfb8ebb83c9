/**
 * DHCP side by side with Kea and dnsmasq, over a virtual Ethernet between two network namespaces. perfdhcp of Kea asks as
 * a relay agent, for new machines all the time; every server keeps its leases in a file, and only ours waits for the disk.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createLan, type Host, type Lan } from '../test/interop/dhcp/lan.ts'
import { type CaseGoal, type Competitor, compete, type Measurement, type Suite } from './harness.ts'
import { unpackPackages } from './peers.ts'
import { endServer, processorSeconds, residentBytes, untilSettled } from './server-process.ts'

const SERVER = '172.16.0.1'
const RELAY = '172.16.0.2'
const PREFIX = 12
const NETMASK = '255.240.0.0'
const POOL = { first: '172.17.0.0', last: '172.17.255.255', leaseSeconds: 43_200 }
/** Machines that perfdhcp plays. */
const MACHINES = 50_000
const SECONDS_PER_LOAD = 5
const MEGABYTE = 1e6

const kea = 'Kea'
const dnsmasq = 'dnsmasq'

const cases = {
  lost: 'lost at 2000 DORA/s asked',
  served5000: 'served at 5000 DORA/s asked',
  served15000: 'served at 15000 DORA/s asked',
  processor: 'processor time of a DORA, 2000/s asked',
  memory: 'memory after all loads',
}

const goals: CaseGoal[] = [
  { case: cases.lost, unit: '%', better: 'lower', goal: 0, peers: [] },
  { case: cases.served5000, unit: 'DORA/s', better: 'higher', goal: 1, peers: [kea, dnsmasq] },
  { case: cases.served15000, unit: 'DORA/s', better: 'higher', goal: 1, peers: [kea, dnsmasq] },
  { case: cases.processor, unit: 'µs', better: 'lower', goal: 1, peers: [kea, dnsmasq] },
  // A Node process that does nothing takes 55 MB, 50 000 leases with all that finds them 25 MB; the rest is what the
  // collector leaves lying about while 30 000 packets a second come in. What would grow for ever would pass this at once.
  { case: cases.memory, unit: 'MB', better: 'lower', goal: 256, peers: [] },
]

/** Where a DORA's processor time goes, from `perf record` at 2000 a second (Node 24). */
const notes = [
  'Profile at 2000 DORA/s: 38 % of the time is the kernel’s for the sockets and for waking up, 13 % the disk threads’ (a sync ' +
    'every 10 ms, which the peers do without), 33 % that of Node’s native part (a buffer of 64 KiB and objects for each packet, ' +
    'garbage), 9 % that of our own code. Per DORA it is the less the more come at once: packets then share a wake-up.',
]

export const suite: Suite = async (options) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-dhcp-'))
  await using lan = await createLan(`${SERVER}/${PREFIX}`)
  const relay = await lan.host('52:54:00:00:00:02')
  await relay.run('ip', 'address', 'add', `${RELAY}/${PREFIX}`, 'dev', 'eth0')

  let runs = 0
  const competitor = (name: string, start: (leases: string) => Promise<ChildProcess>): Competitor => ({
    name,
    async measure() {
      runs += 1
      const leases = path.join(folder, `${runs}`)
      mkdirSync(leases)
      const server = await start(leases)
      try {
        return await measure(server, relay)
      } finally {
        await endServer(server)
      }
    },
  })
  try {
    const rows = await compete(
      competitor('boottorrent', (leases) => startOurs(lan, leases)),
      [competitor(kea, (leases) => startKea(lan, leases)), competitor(dnsmasq, (leases) => startDnsmasq(lan, leases))],
      goals,
      options,
    )
    return { rows, notes }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(server: ChildProcess, relay: Host): Promise<Measurement> {
  const pid = server.pid as number
  // Warms up: code is compiled, memory is there.
  await ask(relay, 1000, 2)
  const before = processorSeconds(pid)
  const wanted = await ask(relay, 2000, SECONDS_PER_LOAD)
  const microseconds = (processorSeconds(pid) - before) * 1e6
  const measured = {
    [cases.lost]: 100 * (1 - wanted.served / wanted.asked),
    [cases.processor]: microseconds / wanted.served,
    [cases.served5000]: (await ask(relay, 5000, SECONDS_PER_LOAD)).served / SECONDS_PER_LOAD,
    [cases.served15000]: (await ask(relay, 15_000, SECONDS_PER_LOAD)).served / SECONDS_PER_LOAD,
  }
  return { ...measured, [cases.memory]: residentBytes(pid) / MEGABYTE }
}

/** Asks for so many leases a second, and waits a second more for the last answers. */
async function ask(relay: Host, perSecond: number, seconds: number): Promise<{ asked: number; served: number }> {
  const load = ['-r', `${perSecond}`, '-R', `${MACHINES}`, '-p', `${seconds}`, '-W', '1000000']
  // It ends with status 3 when an exchange was lost.
  const report = await relay.run(
    'sh',
    '-c',
    '"$@" || test $? = 3',
    'sh',
    'perfdhcp',
    '-4',
    ...load,
    '-l',
    RELAY,
    SERVER,
  )
  const discovers = /DISCOVER-OFFER.*?sent packets: (\d+)/s.exec(report)
  const acknowledged = /REQUEST-ACK.*?received packets: (\d+)/s.exec(report)
  return { asked: Number(discovers?.[1]), served: Number(acknowledged?.[1]) }
}

async function startOurs(lan: Lan, leases: string): Promise<ChildProcess> {
  const options = {
    interfaces: [{ name: 'lan0', address: SERVER, netmask: NETMASK }],
    mode: 'dhcp',
    pool: POOL,
    leaseFile: path.join(leases, 'leases'),
  }
  const script = new URL('./dhcp-server.ts', import.meta.url).pathname
  const child = lan.spawn(process.execPath, script, JSON.stringify(options))
  child.stderr.resume()
  await once(child.stdout, 'data')
  return child
}

async function startKea(lan: Lan, leases: string): Promise<ChildProcess> {
  const program = path.join(unpackPackages('kea-dhcp4-server'), 'usr/sbin/kea-dhcp4')
  const configuration = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['lan0'], 'dhcp-socket-type': 'udp' },
      'lease-database': { type: 'memfile', persist: true, name: path.join(leases, 'leases.csv') },
      'valid-lifetime': POOL.leaseSeconds,
      subnet4: [{ subnet: `172.16.0.0/${PREFIX}`, pools: [{ pool: `${POOL.first} - ${POOL.last}` }] }],
      loggers: [{ name: 'kea-dhcp4', output_options: [{ output: 'stdout' }], severity: 'WARN' }],
    },
  }
  const file = path.join(leases, 'kea.json')
  writeFileSync(file, JSON.stringify(configuration))
  const places = [`KEA_PIDFILE_DIR=${leases}`, `KEA_LOCKFILE_DIR=${leases}`, `KEA_LOGGER_DESTINATION=stdout`]
  return started(lan.spawn('env', ...places, program, '-c', file))
}

async function startDnsmasq(lan: Lan, leases: string): Promise<ChildProcess> {
  const own = ['--no-daemon', '--conf-file=/dev/null', '--port=0', '--user=root', '--pid-file=']
  const range = `--dhcp-range=${POOL.first},${POOL.last},${NETMASK},${POOL.leaseSeconds}`
  const quick = ['--no-ping', '--quiet-dhcp', `--dhcp-lease-max=${MACHINES * 2}`]
  const words = [...own, ...quick, range, `--dhcp-leasefile=${path.join(leases, 'leases')}`]
  return started(lan.spawn('dnsmasq', ...words))
}

async function started(server: ChildProcess): Promise<ChildProcess> {
  await untilSettled(server, 1_000)
  return server
}
