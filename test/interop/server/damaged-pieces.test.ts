/** A neighbour gives out wrong bytes: the machine, with its real aria2c, ends with the right ones, and the host is told whose they were. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BootServer } from '../../../src/server.ts'
import { createBootAttempt } from '../tui/boot-attempt.ts'
import { unpackClient } from '../tui/phase1.ts'
import { image, ServedLab } from './served-lab.ts'

const MAC = '52:54:00:00:00:05'
const LIAR = '127.0.0.2'
const right = image('first')

let lab: ServedLab
let server: BootServer
let programs: string

beforeEach(async () => {
  programs = await mkdtemp(path.join(tmpdir(), 'boottorrent-client-'))
  lab = await ServedLab.open(30_000)
  server = await lab.start()
})

afterEach(async () => {
  await server.close()
  await lab[Symbol.asyncDispose]()
  await rm(programs, { recursive: true, force: true })
})

/** Resolves when so many have the system, the server among them. */
function haveIt(count: number): Promise<void> {
  return new Promise((resolve) => {
    server.on('swarm', ({ complete }) => {
      if (complete === count) resolve()
    })
  })
}

/** A machine that believes to have the system and has something else. */
async function startLiar(torrent: string): Promise<void> {
  const into = await mkdtemp(path.join(lab.folder, 'liar-'))
  await mkdir(path.join(into, 'demo'))
  await writeFile(path.join(into, 'demo/vmlinuz'), Buffer.alloc(right.length, 'wrong'))
  const known = haveIt(2)
  const off = ['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--disable-ipv6']
  const seeding = ['--seed-ratio=0.0', '--bt-seed-unverified=true', `--interface=${LIAR}`, `--dir=${into}`]
  lab.spawn('aria2c', ...off, ...seeding, '--quiet', torrent)
  await known
}

/** The client's aria2c, so slow that the server has not given everything before the liar's turn comes. */
async function slowAria2c(): Promise<string> {
  const { aria2c } = await unpackClient(programs)
  const script = path.join(programs, 'slow-aria2c')
  await writeFile(script, `#!/bin/sh\nexec ${aria2c} --max-overall-download-limit=1M "$@"\n`)
  await chmod(script, 0o755)
  return script
}

test('damaged pieces stand on the timeline with who sent their last parts, and the download ends with the right bytes', async () => {
  const torrent = await lab.fetchTorrent('demo')
  await startLiar(torrent)
  const folder = await mkdtemp(path.join(lab.folder, 'machine-'))
  const { attempt } = await createBootAttempt({
    ...{ folder, torrents: path.dirname(torrent), aria2c: await slowAria2c(), seedTime: 0 },
    os: { name: 'demo', bytes: right.length, infoHash: '', kernel: 'vmlinuz' },
    host: { url: `${lab.base}/report`, mac: MAC },
  })
  await expect(attempt.run(Promise.resolve())).rejects.toThrow('its kernel did not start')
  expect((await readFile(path.join(folder, 'oss/demo/vmlinuz'))).equals(right)).toBe(true)

  // On a busy computer the server sends a part of a piece that the liar has begun: then both are named.
  const timeline = server.machines().find(({ mac }) => mac === MAC)?.timeline ?? []
  const told = timeline.map(({ step, detail }) => `${step}: ${detail}`).filter((line) => !line.startsWith('progress'))
  expect(told.slice(0, 4)).toEqual([
    'download: demo',
    expect.stringMatching(
      /^trouble: demo: \d+ damaged pieces? came, .* from 127[\d., ]+; what is damaged is fetched again$/,
    ),
    expect.stringMatching(
      /^trouble: demo: \d+ damaged pieces? came, .* from [\d., ]*127\.0\.0\.2\b.*, and (was|were) fetched again$/,
    ),
    expect.stringMatching(/^complete: demo verified /),
  ])
  const [warning] = lab.entries.filter(({ step, level }) => step === 'trouble' && level === 'warn')
  expect(warning?.message).toContain(`${MAC} ${told[1]}`)
})
