/** One seeder over the loopback address, ours beside four others; the clients are aria2c and know nobody but the seeder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type CaseGoal, type Competitor, compete, type Measurement, type Suite } from './harness.ts'
import { SeedClient } from './seed-client.ts'
import { prepareImage } from './seed-image.ts'
import { type Seeder, type SeedFolder, type StartSeeder, seeders } from './seeders.ts'
import { processorSeconds, residentBytes } from './server-process.ts'
import { SingleSeederTracker } from './single-seeder-tracker.ts'

/** A seeder that needs longer is measured by what it has sent until then. */
const PATIENCE_MS = 20_000
const CROWD = 50
/** What each machine of the crowd takes, as aria2 says it: together more than a gigabit network carries. */
const CROWD_LIMIT = '3M'
const CROWD_MS = 10_000

const CASES = {
  speed: '1 client, 1 GiB: speed',
  oneProcessor: '1 client, 1 GiB: processor',
  fourProcessor: '4 clients, 1 GiB each: processor',
  memory: '50 clients: memory, at most',
  crowdSpeed: '50 clients, at most 3 MiB/s each: speed together',
} as const

const everyone = Object.keys(seeders).filter((name) => name !== 'boottorrent')
const goals: CaseGoal[] = [
  { case: CASES.speed, unit: 'MB/s', better: 'higher', goal: 0.9, peers: everyone },
  { case: CASES.oneProcessor, unit: 's/GB', better: 'lower', goal: 1, enough: 2, peers: everyone },
  { case: CASES.fourProcessor, unit: 's/GB', better: 'lower', goal: 1, enough: 1.6, peers: everyone },
  { case: CASES.memory, unit: 'MB', better: 'lower', goal: 1, enough: 250, peers: everyone },
  // Memory is worth nothing unless they are served: as much as a gigabit network carries is enough.
  { case: CASES.crowdSpeed, unit: 'MB/s', better: 'higher', goal: 0.9, enough: 118, peers: everyone },
]

const notes = [
  'Speed from the first piece to the last one. Processor time is that of the seeder alone, kernel included.',
  `A seeder that takes longer than ${PATIENCE_MS / 1000} s is measured by what it has sent by then.`,
  'Goals beside the ratio: 2.0 s/GB to one client, 1.6 s/GB to four, 250 MB; and 118 MB/s, a gigabit network.',
]

export const suite: Suite = async (options) => {
  const folder = mkdtempSync('/dev/shm/bench-seed-')
  try {
    await using tracker = await SingleSeederTracker.open()
    const files = await prepareImage(folder, tracker)
    const competitors = Object.entries(seeders).map(([name, start]): Competitor => {
      return { name, measure: () => measure(start, files, tracker) }
    })
    const [ours, ...peers] = competitors as [Competitor, ...Competitor[]]
    return { rows: await compete(ours, peers, goals, options), notes }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(start: StartSeeder, files: SeedFolder, tracker: SingleSeederTracker): Promise<Measurement> {
  await using seeder = await start(files)
  tracker.seederPort = seeder.port
  const one = await serve(seeder, files, 1)
  const four = await serve(seeder, files, 4)
  const many = await crowd(seeder, files)
  return {
    [CASES.speed]: one.megabytesPerSecond,
    [CASES.oneProcessor]: one.secondsPerGigabyte,
    [CASES.fourProcessor]: four.secondsPerGigabyte,
    [CASES.memory]: many.megabytes,
    [CASES.crowdSpeed]: many.megabytesPerSecond,
  }
}

async function serve({ pid }: Seeder, { torrentFile }: SeedFolder, count: number) {
  const before = processorSeconds(pid)
  const clients = Array.from({ length: count }, () => new SeedClient(torrentFile))
  try {
    const downloads = await Promise.all(clients.map((client) => client.download(PATIENCE_MS)))
    const bytes = downloads.reduce((sum, download) => sum + download.bytes, 0)
    const seconds = Math.max(...downloads.map((download) => download.seconds))
    return {
      megabytesPerSecond: bytes / 1e6 / seconds,
      secondsPerGigabyte: (processorSeconds(pid) - before) / (bytes / 1e9),
    }
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]()
  }
}

/** Serves a crowd of slow clients: megabytes that the seeder held at most, and megabytes a second that all of them got. */
async function crowd({ pid }: Seeder, { torrentFile }: SeedFolder) {
  const limit = `--max-download-limit=${CROWD_LIMIT}`
  const clients = Array.from({ length: CROWD }, () => new SeedClient(torrentFile, ['aria2c'], limit))
  try {
    let most = 0
    const start = performance.now()
    while (performance.now() - start < CROWD_MS) {
      most = Math.max(most, residentBytes(pid))
      await delay(100)
    }
    const received = await Promise.all(clients.map((client) => client.received()))
    const bytes = received.reduce((sum, each) => sum + each, 0)
    return { megabytes: most / 1e6, megabytesPerSecond: bytes / 1e3 / (performance.now() - start) }
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]()
  }
}
