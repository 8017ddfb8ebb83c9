/** The tracker side by side with opentracker and with bittorrent-tracker as it comes, on the loopback network. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { type CaseGoal, type Competitor, compete, type Suite } from './harness.ts'
import { startOpentracker, type TrackerProcess } from './opentracker.ts'
import { compile } from './peers.ts'
import { residentBytes } from './server-process.ts'
import { benchInfoHashes } from './tracker-swarms.ts'

const run = promisify(execFile)

const ADDRESS = '127.0.0.1'
const PEERS_PER_SWARM = 1_000
const MANY_PEERS = 10_000
/** Enough that code is compiled and caches are warm for most of it. */
const ANNOUNCES = { http: 12_000, udp: 60_000 }

const CASES = {
  http: 'announces by HTTP, 1000 peers in one swarm',
  udp: 'announces by UDP, 1000 peers in one swarm',
  idle: 'memory, idle',
  many: 'memory, 10 000 peers in 10 swarms',
} as const

const everyone = ['opentracker', 'bittorrent-tracker']

const goals: CaseGoal[] = [
  { case: CASES.http, unit: '/s', better: 'higher', goal: 1, enough: 2_000, peers: everyone },
  { case: CASES.udp, unit: '/s', better: 'higher', goal: 1, enough: 2_000, peers: everyone },
  { case: CASES.idle, unit: 'MB', better: 'lower', goal: 1, enough: 100, peers: everyone },
  { case: CASES.many, unit: 'MB', better: 'lower', goal: 1, enough: 150, peers: everyone },
]

const notes = [
  'A room of 1000 machines that announce themselves every 15 s asks 67 times a second: 30 times as much is enough. The memory of ' +
    'ours and of bittorrent-tracker is that of a whole Node process; in boottorrent it is one process for everything.',
]

type Start = (port: number) => Promise<TrackerProcess>

export const suite: Suite = async (options) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-tracker-'))
  const load = compile('tracker-load.c')
  const infoHashes = benchInfoHashes(MANY_PEERS / PEERS_PER_SWARM)
  try {
    const peers = [
      competitor('opentracker', load, (port) => startOpentracker(folder, port, infoHashes)),
      competitor('bittorrent-tracker', load, (port) => startNode('stock', port)),
    ]
    const rows = await compete(
      competitor('boottorrent', load, (port) => startNode('ours', port)),
      peers,
      goals,
      options,
    )
    return { rows, notes }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function competitor(name: string, load: string, start: Start): Competitor {
  return {
    name,
    async measure() {
      const port = await freePort()
      const tracker = await start(port)
      try {
        const idle = residentBytes(tracker.pid as number)
        const announce = async (by: 'http' | 'udp', peers: number, announces: number) => {
          const words = [by, ADDRESS, String(port), String(peers), String(announces)]
          return announces / Number((await run(load, words)).stdout)
        }
        // A first round lets every peer join and compiles the code.
        await announce('http', PEERS_PER_SWARM, PEERS_PER_SWARM)
        const http = await announce('http', PEERS_PER_SWARM, ANNOUNCES.http)
        const udp = await announce('udp', PEERS_PER_SWARM, ANNOUNCES.udp)
        await announce('udp', MANY_PEERS, MANY_PEERS)
        const many = residentBytes(tracker.pid as number)
        return { [CASES.http]: http, [CASES.udp]: udp, [CASES.idle]: idle / 1e6, [CASES.many]: many / 1e6 }
      } finally {
        const exit = once(tracker, 'exit')
        tracker.kill('SIGKILL')
        await exit
      }
    },
  }
}

async function startNode(kind: 'ours' | 'stock', port: number): Promise<TrackerProcess> {
  const script = new URL('./tracker-server.ts', import.meta.url).pathname
  const words = [script, kind, ADDRESS, String(port), String(MANY_PEERS / PEERS_PER_SWARM)]
  const tracker = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(tracker.stdout, 'data')
  return tracker
}
