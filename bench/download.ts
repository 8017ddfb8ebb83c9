/**
 * One client over the loopback address: the small static aria2c of Phase-1 beside Debian's own package of the same version. Both
 * are started as Phase-1 does, and have the same seeder.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { unpackClientAria2 } from './client-aria2.ts'
import { debianAria2 } from './debian-aria2.ts'
import { type CaseGoal, type Competitor, compete, type Measurement, type Suite } from './harness.ts'
import { SeedClient } from './seed-client.ts'
import { prepareImage } from './seed-image.ts'
import { libtorrent } from './seeders.ts'
import { SingleSeederTracker } from './single-seeder-tracker.ts'

/** Whoever needs longer is measured by what has come until then. */
const PATIENCE_MS = 120_000
const DEBIAN = "Debian's aria2, i386"
const CASES = { speed: '1 GiB: speed', processor: '1 GiB: processor' } as const

const goals: CaseGoal[] = [
  { case: CASES.speed, unit: 'MB/s', better: 'higher', goal: 0.9, peers: [DEBIAN] },
  { case: CASES.processor, unit: 's/GB', better: 'lower', goal: 0.9, peers: [DEBIAN] },
]

const notes = [
  'Speed from the first piece to the last one, which is verified. Processor time is that of the client alone, kernel included.',
  'The seeder is libtorrent: neither of the two meets a program of its own kind.',
]

export const suite: Suite = async (options) => {
  const folder = mkdtempSync('/dev/shm/bench-download-')
  try {
    const debian = await debianAria2(options.note)
    const ours = [unpackClientAria2(folder)]
    expectSameVersion(ours, debian)
    await using tracker = await SingleSeederTracker.open()
    const files = await prepareImage(folder, tracker)
    await using seeder = await libtorrent(files)
    tracker.seederPort = seeder.port
    const client = (name: string, command: readonly string[]): Competitor => {
      return { name, measure: () => measure(files.torrentFile, command) }
    }
    const rows = await compete(client('boottorrent', ours), [client(DEBIAN, debian)], goals, options)
    return { rows, notes }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(torrentFile: string, command: readonly string[]): Promise<Measurement> {
  await using client = new SeedClient(torrentFile, command)
  const { bytes, seconds } = await client.download(PATIENCE_MS)
  return {
    [CASES.speed]: bytes / 1e6 / seconds,
    [CASES.processor]: (await client.processorSeconds()) / (bytes / 1e9),
  }
}

/** Another version would compare aria2 with aria2, not our way of building it with Debian's. */
function expectSameVersion(...commands: readonly (readonly string[])[]): void {
  const versions = commands.map(([program = '', ...words]) => {
    return execFileSync(program, [...words, '--version'], { encoding: 'utf8' }).split('\n')[0]
  })
  if (new Set(versions).size > 1) throw new Error(`The versions differ: ${versions.join(' and ')}.`)
}
