/** An environment whose files change while it is served. */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LogEntry } from '../../../src/log.ts'
import { type BootServer, createBootServer } from '../../../src/server.ts'
import { lineOf, lines } from '../dhcp/network.ts'
import { writeClient } from './client-files.ts'

const run = promisify(execFile)
const program = path.join(import.meta.dirname, 'start-with-client.ts')

type Program = ChildProcessByStdio<null, Readable, Readable>

/** Ports of this test alone: the composed server takes them from the environment's file. */
const ports = { tftp: 43_069, http: 43_080, tracker: 43_001, seeder: 43_881 }
const base = `http://127.0.0.1:${ports.http}`
const OFF = ['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--disable-ipv6']
const QUIET = ['--file-allocation=none', '--summary-interval=0', '--show-console-readout=false']
/** As Phase-1 starts it: one that lost its last neighbour would otherwise be silent for two minutes. */
const ANNOUNCING = '--bt-tracker-interval=15'
const SLOWLY = '--max-overall-download-limit=1M'

let folder: string
let environment: string
let client: string
let entries: LogEntry[]
let clients: Program[]

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-reload-'))
  environment = path.join(folder, 'lab')
  client = await writeClient(path.join(folder, 'client'))
  entries = []
  clients = []
  await writeSystem('demo', image('first'))
  await writeSystem('other', image('other'))
  await writeConfiguration({ timeout: -1 })
})

afterEach(async () => {
  for (const started of clients) await ended(started)
  await rm(folder, { recursive: true, force: true })
})

async function writeConfiguration({ timeout, more = '' }: { timeout: number; more?: string }): Promise<void> {
  await writeFile(
    path.join(environment, 'Boottorrent.yaml'),
    `version: 1
boot: { timeout: ${timeout} }
network: { interface: lo, host_ip: 127.0.0.1, mode: "off" }
tftp: { port: ${ports.tftp} }
http: { port: ${ports.http} }
tracker: { port: ${ports.tracker} }
seeder: { port: ${ports.seeder} }
${more}`,
  )
}

/** 12 MB that are different in every piece. */
function image(word: string): Buffer {
  const bytes = Buffer.alloc(12_000_000, word)
  for (let at = 0; at < bytes.length; at += 4096) bytes.writeUInt32LE(at, at)
  return bytes
}

async function writeSystem(name: string, content: Buffer): Promise<void> {
  const directory = path.join(environment, 'oss', name)
  await mkdir(directory, { recursive: true })
  await writeFile(path.join(directory, 'vmlinuz'), content)
  await writeFile(path.join(directory, 'config.yaml'), `dispname: The ${name}\nmethod: kexec\nkernel: vmlinuz\n`)
}

async function startServer(options: { watch?: boolean } = {}): Promise<BootServer> {
  const server = await createBootServer({ environment, client, log: (entry) => entries.push(entry), ...options })
  await server.start()
  return server
}

/** The torrent that a machine gets which boots now. */
async function fetchTorrent(os: string): Promise<string> {
  const file = path.join(folder, `${os}-${entries.length}.torrent`)
  const answer = await fetch(`${base}/torrents/${os}.torrent`)
  expect(answer.status).toBe(200)
  await writeFile(file, Buffer.from(await answer.arrayBuffer()))
  return file
}

/** Downloads to the end and returns the bytes. */
async function download(os: string): Promise<Buffer> {
  const into = await mkdtemp(path.join(folder, 'machine-'))
  await run('aria2c', [...OFF, ...QUIET, '--seed-time=0', '--dir', into, await fetchTorrent(os)])
  return readFile(path.join(into, os, 'vmlinuz'))
}

/** A slow download that goes on, and what it says. */
async function beginDownload(os: string): Promise<{ machine: Program; into: string }> {
  const into = await mkdtemp(path.join(folder, 'machine-'))
  const words = [...OFF, ...QUIET, SLOWLY, ANNOUNCING, '--seed-time=0', '--console-log-level=info', '--dir', into]
  const machine = spawn('aria2c', [...words, await fetchTorrent(os)], { stdio: ['ignore', 'pipe', 'pipe'] })
  clients.push(machine)
  await lineOf(machine, /we got new piece/i)
  return { machine, into }
}

async function ended(child: Program): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

describe('an image that changes while machines download it', () => {
  it('is noticed, and served as what it is now; who is half-way is told to start again and gets no wrong byte', async () => {
    await using server = await startServer()
    const { machine, into } = await beginDownload('demo')
    const told = lineOf(machine, /this system has changed on the server: start the machine again/)
    const reloaded = once(server, 'reload')
    await writeFile(path.join(environment, 'oss/demo/vmlinuz'), image('second'))
    const [reload] = await reloaded
    expect(reload).toMatchObject({ ok: true, problems: [], needsRestart: [] })
    expect(reload.systems).toEqual([{ os: 'demo', infoHash: expect.any(String), before: expect.any(String) }])
    expect((await download('demo')).equals(image('second'))).toBe(true)
    await told
    await ended(machine)
    // Nothing that it kept is of the new image, which it does not want.
    const partial = await readFile(path.join(into, 'demo/vmlinuz'))
    expect(partial.includes('secondsecond')).toBe(false)
    expect(partial.includes('firstfirst')).toBe(true)
  })

  it('does not disturb the download of another one', async () => {
    await using server = await startServer({ watch: false })
    const { machine, into } = await beginDownload('other')
    await writeFile(path.join(environment, 'oss/demo/vmlinuz'), image('second'))
    expect(await server.reload()).toMatchObject({ ok: true, systems: [{ os: 'demo' }] })
    const [code] = await once(machine, 'exit')
    expect(code).toBe(0)
    expect((await readFile(path.join(into, 'other/vmlinuz'))).equals(image('other'))).toBe(true)
    expect(entries.filter(({ event, infoHash }) => event === 'seeder.connect' && infoHash).length).toBe(1)
  })
})

describe('an environment that changes while it is served', () => {
  it('serves a system that was added and none that was removed', async () => {
    await using server = await startServer({ watch: false })
    await writeSystem('added', image('added'))
    await rm(path.join(environment, 'oss/demo'), { recursive: true })
    const { systems } = await server.reload()
    expect(systems.map(({ os, before, infoHash }) => [os, before === undefined, infoHash === undefined])).toEqual([
      ['added', true, false],
      ['demo', false, true],
    ])
    expect((await download('added')).equals(image('added'))).toBe(true)
    expect((await fetch(`${base}/torrents/demo.torrent`)).status).toBe(404)
    const { oss } = JSON.parse(await (await fetch(`${base}/client.json`)).text()) as { oss: { name: string }[] }
    expect(oss.map(({ name }) => name)).toEqual(['added', 'other'])
    expect(await readdir(path.join(environment, 'out/torrents'))).toEqual(['added.torrent', 'other.torrent'])
    const segment = Buffer.from(await (await fetch(`${base}/environment.img`)).arrayBuffer())
    expect([segment.includes('added.torrent'), segment.includes('demo.torrent')]).toEqual([true, false])
  })

  it('goes on as it was while it is broken, says what is wrong where, and serves it once it is mended', async () => {
    await using server = await startServer({ watch: false })
    const config = path.join(environment, 'oss/demo/config.yaml')
    const right = await readFile(config, 'utf8')
    await writeFile(config, right.replace('kernel: vmlinuz', 'kernle: vmlinuz'))
    const refused = await server.reload()
    expect(refused).toMatchObject({ ok: false, systems: [] })
    expect(refused.problems).toContainEqual(
      expect.objectContaining({ file: 'oss/demo/config.yaml', line: 3, column: 1 }),
    )
    const told = entries.filter(({ event }) => event === 'environment.problem')
    expect(told.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^oss\/demo\/config\.yaml:3:1: .*kernle/),
    )
    expect((await download('demo')).equals(image('first'))).toBe(true)
    await writeFile(config, right.replace('The demo', 'Another name'))
    expect(await server.reload()).toMatchObject({ ok: true })
    expect(await (await fetch(`${base}/client.json`)).text()).toContain('Another name')
  })

  it('says which settings wait for a restart', async () => {
    await using server = await startServer({ watch: false })
    await writeConfiguration({ timeout: -2, more: 'log_level: debug\n' })
    expect(await server.reload()).toMatchObject({ ok: true, systems: [], needsRestart: ['log_level'] })
    expect(await (await fetch(`${base}/client.json`)).json()).toMatchObject({ timeout: -2 })
  })
})

describe('the program', () => {
  function startProgram(): Program {
    const started = spawn(process.execPath, [program, client, environment], { stdio: ['ignore', 'pipe', 'pipe'] })
    clients.push(started)
    return started
  }

  it('reads its environment again when it gets SIGHUP', async () => {
    const started = startProgram()
    await lineOf(started, /"server\.ready"/)
    const told = lineOf(started, /"environment\.reloaded"/)
    started.kill('SIGHUP')
    expect(JSON.parse(await told)).toMatchObject({ systems: [] })
    started.kill('SIGTERM')
    expect(await once(started, 'exit')).toEqual([0, null])
  })

  it('that is stopped while it reads an image leaves nothing half-written', async () => {
    await truncate(path.join(environment, 'oss/demo/vmlinuz'), 24 * 2 ** 30)
    const started = startProgram()
    const said: string[] = []
    lines(started.stdout, (line) => said.push(line))
    const progress = JSON.parse(await lineOf(started, /"torrent\.progress"/))
    expect(progress).toMatchObject({ os: 'demo', bytes: 24 * 2 ** 30, bytesPerSecond: expect.any(Number) })
    started.kill('SIGINT')
    const [code] = await once(started, 'exit')
    expect(code).toBe(0)
    expect(said.at(-1)).toContain('"server.closed"')
    expect(await readdir(environment)).toEqual(['Boottorrent.yaml', 'oss'])
  })
})
