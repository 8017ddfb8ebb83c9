/** A second host with a copy of what the first one serves. */
import { once } from 'node:events'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import type { LogEntry } from '../../../src/log.ts'
import { createSecondSeed, hostUrl, type SecondSeed } from '../../../src/second-seed/index.ts'
import { addTrackers, decodeMetainfo } from '../../../src/seeder/index.ts'
import type { BootServer } from '../../../src/server.ts'
import { announceUrls, createTracker } from '../../../src/tracker/index.ts'
import { fakeIo } from '../../unit/cli/fake-io.ts'
import { lineOf } from '../dhcp/network.ts'
import { image, ServedLab } from './served-lab.ts'

const main = path.resolve(import.meta.dirname, '../../../src/cli/main.ts')

let lab: ServedLab
let server: BootServer
let copy: string
let said: LogEntry[]

beforeEach(async () => {
  lab = await ServedLab.open(24_000)
  copy = path.join(lab.folder, 'copy')
  await cp(lab.environment, copy, { recursive: true })
  said = []
  await startServer()
  await untilSeeded(1)
})

afterEach(async () => {
  await server.close()
  await lab[Symbol.asyncDispose]()
})

async function startServer(): Promise<BootServer> {
  server = await lab.start({ watch: false })
  return server
}

function secondSeed(
  onLog: (entry: LogEntry) => void = () => {},
  directory = copy,
  trackers: readonly string[] = [],
): SecondSeed {
  const log = (entry: LogEntry) => {
    said.push(entry)
    onLog(entry)
  }
  return createSecondSeed({ host: hostUrl(lab.base), directory, trackers, port: 0, lookEvery: 50, log })
}

/** Until machines that come now are told of so many hosts. */
async function untilSeeded(by: number): Promise<void> {
  while (server.status.snapshot().swarms[0]?.complete !== by) await once(server, 'swarm')
}

function sentOf(entries: readonly LogEntry[]): number {
  const bytes = entries.filter(({ event }) => event === 'seeder.disconnect').map(({ uploaded }) => Number(uploaded))
  return bytes.reduce((sum, sent) => sum + sent, 0)
}

describe('a second host', () => {
  test.each([
    ['of the environment', () => copy],
    ['of one system', () => path.join(copy, 'oss/demo')],
  ])('with a copy %s sends a part of every download', async (_, directory) => {
    // What is there besides does not matter.
    await writeFile(path.join(copy, 'oss/demo/notes.txt'), 'mine')
    await using second = secondSeed(undefined, directory())
    await second.start()
    expect(second.systems()).toEqual([{ os: 'demo', infoHash: expect.any(String), result: 'same' }])
    await untilSeeded(2)
    const bytes = await lab.download('demo', '--max-overall-download-limit=4M')
    expect(bytes.equals(image('first'))).toBe(true)
    await second.close()
    await server.close()
    const [first, other] = [sentOf(lab.entries), sentOf(said)]
    expect(Math.min(first, other)).toBeGreaterThan(bytes.length / 10)
    expect(first + other).toBeGreaterThanOrEqual(bytes.length)
  })

  test('keeps a download going when the first one dies in the middle of it', async () => {
    await using second = secondSeed()
    await second.start()
    await untilSeeded(2)
    const { machine } = await lab.beginDownload('demo', '4M')
    await lineOf(machine, /we got new piece/i)
    await server.close()
    expect(await once(machine, 'exit')).toEqual([0, null])
  })

  test('goes along when the first one serves something else', async () => {
    await using second = secondSeed()
    await second.start()
    await lab.writeSystem('demo', image('second'))
    await cp(path.join(lab.environment, 'oss/demo'), path.join(copy, 'oss/demo'), { recursive: true })
    const { systems } = await server.reload()
    await untilSeeded(2)
    expect(second.systems()).toEqual([{ os: 'demo', infoHash: systems[0]?.infoHash, result: 'same' }])
  })

  test('is found by a second tracker when that of the first one is dead', async () => {
    const file = await lab.fetchTorrent('demo')
    const torrent = await readFile(file)
    const { infoHash } = decodeMetainfo(torrent)
    await using tracker = createTracker({ address: '127.0.0.1', infoHashes: [infoHash] })
    await tracker.start()
    const urls = announceUrls('127.0.0.1', tracker.port)
    const joined = once(tracker, 'join')
    await using second = secondSeed(undefined, copy, urls)
    await second.start()
    expect(await joined).toEqual([{ infoHash, peer: `127.0.0.1:${second.port}` }])
    await server.close()
    await writeFile(file, addTrackers(torrent, urls))
    expect((await lab.downloadBy(file, 'demo')).equals(image('first'))).toBe(true)
  })

  test('tells a tracker that the first one names while it runs, and goodbye when it names it no more', async () => {
    const { infoHash } = decodeMetainfo(await readFile(await lab.fetchTorrent('demo')))
    await using tracker = createTracker({ address: '127.0.0.1', infoHashes: [infoHash] })
    await tracker.start()
    const [url] = announceUrls('127.0.0.1', tracker.port)
    await using second = secondSeed()
    await second.start()
    const peer = `127.0.0.1:${second.port}`
    const heard = (event: 'join' | 'leave') =>
      new Promise<void>((resolve) => {
        tracker.on(event, (who) => {
          if (who.peer === peer) resolve()
        })
      })
    const joined = heard('join')
    await lab.configure({ timeout: -1, tracker: `others: [${url}]` })
    await server.reload()
    await joined
    const left = heard('leave')
    await lab.configure({ timeout: -1 })
    await server.reload()
    await left
  })

  test.each(['said by hand', 'of the first one'])('survives a tracker that cuts its answers (%s)', async (whose) => {
    const asked: string[] = []
    const tracker = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.writeHead(200, { 'content-length': 1000 }).write('d8:', () => response.socket?.destroy())
    }).listen(0, '127.0.0.2')
    await once(tracker, 'listening')
    const url = `http://127.0.0.2:${(tracker.address() as AddressInfo).port}/announce`
    if (whose === 'of the first one') {
      await lab.configure({ timeout: -1, tracker: `others: [${url}]` })
      await server.reload()
    }
    const told = Promise.withResolvers<void>()
    await using second = secondSeed(
      ({ event, message }) => {
        if (event === 'seeder.tracker' && message.includes(url)) told.resolve()
      },
      copy,
      whose === 'said by hand' ? [url] : [],
    )
    await second.start()
    await told.promise
    await untilSeeded(2)
    await second.close()
    expect(asked.length).toBeGreaterThan(0)
    expect(said.filter(({ event }) => event === 'seeder.crash')).toEqual([])
    tracker.closeAllConnections()
    tracker.close()
  })

  test('goes on when the first one is silent for a while', async () => {
    const silence = Promise.withResolvers<void>()
    await using second = secondSeed((entry) => {
      if (entry.event === 'seed.host-silent') silence.resolve()
    })
    await second.start()
    await server.close()
    await silence.promise
    await startServer()
    await untilSeeded(2)
    expect(said.filter(({ event }) => event === 'seed.host-silent')).toHaveLength(1)
  })
})

describe('boottorrent seed', () => {
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'has other bytes',
      () => writeFile(path.join(copy, 'oss/demo/vmlinuz'), image('other')),
      /vmlinuz has other content/,
    ],
    [
      'is shorter',
      () => writeFile(path.join(copy, 'oss/demo/vmlinuz'), 'short'),
      /vmlinuz has 5 bytes instead of 12000000/,
    ],
    ['lacks a file', () => rm(path.join(copy, 'oss/demo/vmlinuz')), /vmlinuz is missing/],
  ])('says which file %s and seeds nothing of it', async (_, change, difference) => {
    await change()
    const io = fakeIo({ cwd: lab.folder })
    expect(await run(['seed', 'copy', '--of', lab.base], io)).toBe(1)
    expect(io.output()).toMatch(/demo: not the same as on 127\.0\.0\.1:24080 \(info-hash [0-9a-f]{40}\)/)
    expect(io.output()).toMatch(difference)
    expect(io.errors()).toMatch(/^error: Nothing in .*copy is what 127\.0\.0\.1:24080 serves\.\n {2}Copy the folders/)
  })

  test('seeds until Ctrl+C, and tells programs how it goes', async () => {
    const program = lab.startProgram(main, 'seed', copy, '--of', lab.base, '--port', '0', '--json')
    const ready = JSON.parse(await lineOf(program, /"seed\.ready"/))
    expect(ready).toMatchObject({ systems: ['demo'], address: '127.0.0.1', port: expect.any(Number) })
    program.kill('SIGINT')
    expect(await once(program, 'exit')).toEqual([0, null])
  })

  test('refuses a tracker that is none', async () => {
    const io = fakeIo({ cwd: lab.folder })
    expect(await run(['seed', 'copy', '--of', lab.base, '--tracker', 'nonsense'], io)).toBe(2)
    expect(io.errors()).toMatch(/^error: "nonsense" is no address of a tracker\.\n {2}Write it like http:/)
  })

  test('of a computer that does not answer says what to look at', async () => {
    await server.close()
    const io = fakeIo({ cwd: lab.folder })
    expect(await run(['seed', 'copy', '--of', lab.base], io)).toBe(1)
    expect(io.errors()).toMatch(
      /^error: 127\.0\.0\.1:24080 does not answer\.\n {2}Look whether "boottorrent start" runs/,
    )
  })

  test('of an empty folder says so', async () => {
    await mkdir(path.join(lab.folder, 'empty'))
    const io = fakeIo({ cwd: lab.folder })
    expect(await run(['seed', 'empty', '--of', lab.base], io)).toBe(1)
    expect(io.output()).toMatch(/demo: not here/)
  })
})
