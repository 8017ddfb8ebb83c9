/** TFTP side by side with atftpd, tftpd-hpa and dnsmasq, over a virtual Ethernet between two network namespaces. */
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createLan, type Host, type Lan } from '../test/interop/dhcp/lan.ts'
import { type CaseGoal, type Competitor, compete, type Measurement, type Suite } from './harness.ts'
import { compile, libraryPath, unpackPackages } from './peers.ts'
import { profile } from './profile.ts'
import { endServer, processorSeconds, residentBytes, untilSettled } from './server-process.ts'

const SERVER = '172.30.0.1'
const MEGABYTE = 1e6

/** One file for a single client, a smaller one for many at once: a round stays within seconds. */
const large = { name: 'large', bytes: 64 * 2 ** 20 }
const small = { name: 'small', bytes: 16 * 2 ** 20 }

const everyone = ['dnsmasq', 'tftpd-hpa', 'atftpd']
/** dnsmasq and tftpd-hpa do not know RFC 7440. */
const windowed = ['atftpd']

/** One thing to fetch. */
interface Load {
  readonly file: typeof large
  readonly window: number
  readonly clients: number
}

const loads: readonly Load[] = [
  { file: large, window: 1, clients: 1 },
  { file: large, window: 16, clients: 1 },
  { file: large, window: 64, clients: 1 },
  { file: small, window: 1, clients: 16 },
  { file: small, window: 16, clients: 16 },
]
const caseOf = ({ clients, window }: Load) =>
  `${clients} client${clients > 1 ? 's' : ''}, blksize 1468, window ${window}`

const goals: CaseGoal[] = [
  { case: '1 client, blksize 1468, window 1', unit: 'MB/s', better: 'higher', goal: 1, peers: everyone },
  { case: '1 client, blksize 1468, window 16', unit: 'MB/s', better: 'higher', goal: 1.2, peers: windowed },
  { case: '1 client, blksize 1468, window 64', unit: 'MB/s', better: 'higher', goal: 1.2, peers: windowed },
  { case: '16 clients, blksize 1468, window 1', unit: 'MB/s', better: 'higher', goal: 1, peers: everyone },
  { case: '16 clients, blksize 1468, window 16', unit: 'MB/s', better: 'higher', goal: 0.9, peers: windowed },
  { case: 'processor, 16 clients, best window', unit: 's/GB', better: 'lower', goal: 1, peers: ['dnsmasq'] },
  { case: 'memory that 100 clients add', unit: 'MB', better: 'lower', goal: 64, peers: [] },
]

interface Served {
  readonly process: ChildProcess
  readonly windows: readonly number[]
}

export const suite: Suite = async (options) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-tftp-'))
  const program = compile('tftp-load.c')
  for (const { name, bytes } of [large, small])
    writeFileSync(path.join(folder, name), randomBytes(bytes), { mode: 0o644 })
  await using lan = await createLan(`${SERVER}/24`)
  const clients = await lan.host('52:54:00:00:00:02')
  await clients.run('ip', 'address', 'add', '172.30.0.2/24', 'dev', 'eth0')

  const competitor = (name: string, start: () => Promise<Served>): Competitor => ({
    name,
    async measure() {
      const served = await start()
      try {
        return await measure(served, clients, program, folder, name === 'boottorrent')
      } finally {
        await endServer(served.process)
      }
    },
  })
  try {
    const rows = await compete(
      competitor('boottorrent', () => startOurs(lan, folder)),
      [
        competitor('dnsmasq', () => startDnsmasq(lan, folder)),
        competitor('tftpd-hpa', () => startTftpdHpa(lan, folder)),
        competitor('atftpd', () => startAtftpd(lan, folder)),
      ],
      goals,
      options,
    )
    const missed = new Set(rows.filter(({ ok }) => !ok).map((row) => row.case))
    const notes: string[] = []
    for (const load of loads.filter((one) => missed.has(caseOf(one)))) {
      notes.push(`Profile of "${caseOf(load)}": ${await profileOurs(lan, clients, program, folder, load)}.`)
    }
    return { rows, notes }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(
  { process: server, windows }: Served,
  clients: Host,
  program: string,
  folder: string,
  withMemory: boolean,
): Promise<Measurement> {
  const pid = server.pid as number
  const fetch = (load: Load) => fetchAll(clients, program, folder, load)
  // The first transfer warms up: the file comes into memory, the code is compiled.
  await fetch({ file: small, window: 1, clients: 1 })
  const measured: Record<string, number> = {}
  for (const load of loads.filter(({ window }) => windows.includes(window))) {
    const before = processorSeconds(pid)
    measured[caseOf(load)] = await fetch(load)
    if (load.clients === 1) continue
    const perGigabyte = (processorSeconds(pid) - before) / ((load.file.bytes * load.clients) / 1e9)
    measured['processor, 16 clients, best window'] = perGigabyte
  }
  if (withMemory) {
    const before = residentBytes(pid)
    await fetch({ file: small, window: 16, clients: 100 })
    measured['memory that 100 clients add'] = (residentBytes(pid) - before) / MEGABYTE
  }
  return measured
}

/** Fetches what the load says; megabytes per second. */
async function fetchAll(clients: Host, program: string, folder: string, load: Load): Promise<number> {
  const { name, bytes } = load.file
  const words = [SERVER, '69', name, path.join(folder, name), '1468', `${load.window}`, `${load.clients}`]
  const [seconds = ''] = (await clients.run(program, ...words)).split(' ')
  return (bytes * load.clients) / Number(seconds) / MEGABYTE
}

/** Where our server spends its time under this load. */
async function profileOurs(lan: Lan, clients: Host, program: string, folder: string, load: Load): Promise<string> {
  const { process: server } = await startOurs(lan, folder)
  try {
    await fetchAll(clients, program, folder, load)
    return await profile(server.pid as number, () => fetchAll(clients, program, folder, load))
  } finally {
    await endServer(server)
  }
}

async function startOurs(lan: Lan, folder: string): Promise<Served> {
  const file = (name: string) => [name, path.join(folder, name)]
  const words = [SERVER, '69', ...file('large'), ...file('small')]
  const child = lan.spawn(process.execPath, new URL('./tftp-server.ts', import.meta.url).pathname, ...words)
  await once(child.stdout, 'data')
  return { process: child, windows: [1, 16, 64] }
}

async function startDnsmasq(lan: Lan, folder: string): Promise<Served> {
  const program = path.join(
    unpackPackages('dnsmasq-base', 'libnetfilter-conntrack3', 'liblua5.4-0'),
    'usr/sbin/dnsmasq',
  )
  const own = ['--no-daemon', '--conf-file=/dev/null', '--port=0', '--user=root', '--pid-file=']
  const child = lan.spawn(program, ...own, '--enable-tftp', `--tftp-root=${folder}`, '--tftp-max=200')
  return started(child, [1])
}

async function startTftpdHpa(lan: Lan, folder: string): Promise<Served> {
  const root = unpackPackages('tftpd-hpa', 'libwrap0')
  const words = ['--foreground', '--user', 'root', '--address', `${SERVER}:69`, '--secure', folder]
  const program = path.join(root, 'usr/sbin/in.tftpd')
  return started(lan.spawn('env', `LD_LIBRARY_PATH=${libraryPath(root)}`, program, ...words), [1])
}

async function startAtftpd(lan: Lan, folder: string): Promise<Served> {
  const root = unpackPackages('atftpd', 'libwrap0')
  const words = [
    '--daemon',
    '--no-fork',
    '--user',
    'root',
    '--group',
    'root',
    '--bind-address',
    SERVER,
    '--maxthread',
    '200',
  ]
  const program = path.join(root, 'usr/sbin/atftpd')
  return started(lan.spawn('env', `LD_LIBRARY_PATH=${libraryPath(root)}`, program, ...words, folder), [1, 16, 64])
}

/** The load client asks again until they are ready. */
async function started(child: ChildProcess, windows: readonly number[]): Promise<Served> {
  await untilSettled(child, 300)
  return { process: child, windows }
}
