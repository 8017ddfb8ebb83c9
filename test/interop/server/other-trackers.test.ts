/** Debian's opentracker beside our own tracker. */
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../../../bench/free-port.ts'
import { startOpentracker, type TrackerProcess } from '../../../bench/opentracker.ts'
import { makeTorrent } from '../../../src/seeder/index.ts'
import { lineOf } from '../dhcp/network.ts'
import { image, ServedLab } from './served-lab.ts'

let lab: ServedLab
let opentracker: TrackerProcess
let base: string
let infoHash: string

beforeEach(async () => {
  lab = await ServedLab.open(25_000)
  const directory = path.join(lab.environment, 'oss/demo')
  infoHash = (await makeTorrent({ name: 'demo', directory, announce: [], exclude: ['config.yaml'] })).infoHash
  const folder = path.join(lab.folder, 'opentracker')
  await mkdir(folder)
  const port = await freePort()
  opentracker = await startOpentracker(folder, port, [infoHash])
  base = `127.0.0.1:${port}`
})

afterEach(async () => {
  const exit = once(opentracker, 'exit')
  opentracker.kill('SIGKILL')
  await exit
  await lab[Symbol.asyncDispose]()
})

/** Until opentracker knows so many that have everything. */
async function untilOpentrackerKnows(seeders: number): Promise<void> {
  const url = `http://${base}/scrape?info_hash=${infoHash.replaceAll(/../g, '%$&')}`
  while (!(await (await fetch(url)).text()).includes(`8:completei${seeders}e`));
}

/** aria2 knows UDP trackers only when it takes part in the DHT, of which it is told no entry point. */
const withDht = () => ['--enable-dht=true', `--dht-file-path=${path.join(lab.folder, 'dht.dat')}`]

test.each([
  ['http', () => []],
  ['udp', withDht],
])('a machine finds the host by another tracker (%s) while ours is dead', async (protocol, words) => {
  const others = `others: ${protocol}://${base}/announce`
  await lab.configure({ timeout: -1, tracker: others })
  const before = await lab.start({ watch: false })
  const torrent = await lab.fetchTorrent('demo')
  await before.close()
  await untilOpentrackerKnows(0)
  // The torrent still names our tracker, in front of the other one.
  const more = `client: { dht: ${protocol === 'udp'} }`
  await lab.configure({ timeout: -1, tracker: `${others}, enabled: false`, more })
  await using _server = await lab.start({ watch: false })
  await untilOpentrackerKnows(1)
  expect((await lab.downloadBy(torrent, 'demo', ...words())).equals(image('first'))).toBe(true)
})

test('is announced to from a reload on, and no longer when it is taken out; no download is disturbed', async () => {
  await using server = await lab.start({ watch: false })
  const { machine } = await lab.beginDownload('demo', '4M')
  await lineOf(machine, /we got new piece/i)
  await lab.configure({ timeout: -1, tracker: `others: [http://${base}/announce]` })
  expect(await server.reload()).toMatchObject({ ok: true, systems: [], needsRestart: [] })
  await untilOpentrackerKnows(1)
  const file = await lab.fetchTorrent('demo')
  await lab.configure({ timeout: -1 })
  expect(await server.reload()).toMatchObject({ ok: true, systems: [], needsRestart: [] })
  await untilOpentrackerKnows(0)
  expect(await once(machine, 'exit')).toEqual([0, null])
  expect(lab.entries.filter(({ event }) => event === 'seeder.connect')).toHaveLength(1)
  expect((await lab.downloadBy(file, 'demo')).equals(image('first'))).toBe(true)
})
