/** A room full of machines that want one image: aria2 clients, our seeder and tracker, links of a given speed. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Competitor, compete, type Suite } from './harness.ts'
import { unpackPackages } from './peers.ts'
import { addressOf, ShapedRoom } from './shaped-room.ts'

const MEBIBYTE = 1024 * 1024
const CASES = {
  slowTime: '8 clients, 64 MiB, host 50 Mbit/s, clients 200 Mbit/s: time ÷ floor',
  slowBytes: '8 clients, 64 MiB, host 50 Mbit/s, clients 200 Mbit/s: bytes of the host ÷ image',
  flat: '256 MiB, all 200 Mbit/s: time of 8 clients ÷ time of 1',
  equalBytes: '8 clients, 256 MiB, all 200 Mbit/s: bytes of the host ÷ image',
  staggeredBytes: '8 clients 2 s apart, 256 MiB, all 200 Mbit/s: bytes of the host ÷ image',
  two: '2 clients, 256 MiB, all 200 Mbit/s: seconds',
} as const

const goals = [
  { case: CASES.slowTime, unit: '×', better: 'lower', goal: 1.25, peers: [] },
  { case: CASES.slowBytes, unit: '×', better: 'lower', goal: 1.08, peers: [] },
  { case: CASES.flat, unit: '×', better: 'lower', goal: 1.25, peers: [] },
  { case: CASES.equalBytes, unit: '×', better: 'lower', goal: 1.15, peers: [] },
  { case: CASES.staggeredBytes, unit: '×', better: 'lower', goal: 1.5, peers: [] },
  { case: CASES.two, unit: 's', better: 'lower', goal: 1, peers: ['nginx'] },
] as const

export const suite: Suite = async (options) => {
  const rows = await compete(ours, [nginx], goals, options)
  return { rows, notes: ['The floor is max(F/u_host, F/d_min, N·F/(u_host + Σu)). Images and downloads lie in RAM.'] }
}

export interface Lesson {
  readonly clients: number
  readonly bytes: number
  /** Mbit/s. */
  readonly host: number
  readonly client: number
  readonly secondsApart?: number
}

interface Outcome {
  /** From the start of the first client until the last one has everything. */
  readonly seconds: number
  /** Bytes of pieces that the host sent. */
  readonly sent: number
}

const slow: Lesson = { clients: 8, bytes: 64 * MEBIBYTE, host: 50, client: 200 }
const equal: Lesson = { clients: 8, bytes: 256 * MEBIBYTE, host: 200, client: 200 }

const ours: Competitor = {
  name: 'boottorrent',
  async measure() {
    const weak = await teach(slow, ourHost, aria2)
    const eight = await teach(equal, ourHost, aria2)
    const one = await teach({ ...equal, clients: 1 }, ourHost, aria2)
    const two = await teach({ ...equal, clients: 2 }, ourHost, aria2)
    const staggered = await teach({ ...equal, secondsApart: 2 }, ourHost, aria2)
    return {
      [CASES.slowTime]: weak.seconds / floorOf(slow),
      [CASES.slowBytes]: weak.sent / slow.bytes,
      [CASES.flat]: eight.seconds / one.seconds,
      [CASES.equalBytes]: eight.sent / equal.bytes,
      [CASES.staggeredBytes]: staggered.sent / equal.bytes,
      [CASES.two]: two.seconds,
    }
  },
}

const nginx: Competitor = {
  name: 'nginx',
  async measure() {
    return { [CASES.two]: (await teach({ ...equal, clients: 2 }, nginxHost, curl)).seconds }
  },
}

/** Seconds that no way of sharing can beat. */
export function floorOf({ clients, bytes, host, client }: Lesson): number {
  const perSecond = (megabits: number) => (megabits * 1e6) / 8
  const together = (clients * bytes) / (perSecond(host) + clients * perSecond(client))
  return Math.max(bytes / perSecond(host), bytes / perSecond(client), together)
}

interface Host {
  /** Ends it, and tells the bytes of pieces that it sent. */
  stop(): Promise<number>
}

type StartHost = (room: ShapedRoom, folder: string) => Promise<Host>
/** Starts a client; `done` resolves when it has everything. It may go on until `stop`. */
type StartClient = (room: ShapedRoom, machine: number, folder: string) => { done: Promise<void>; stop(): Promise<void> }

/** One lesson, from the start of the host to the end of everybody. */
export async function teach(lesson: Lesson, startHost: StartHost, startClient: StartClient): Promise<Outcome> {
  const folder = mkdtempSync('/dev/shm/bench-swarm-')
  try {
    writeImage(folder, lesson.bytes)
    using room = new ShapedRoom([lesson.host, ...Array<number>(lesson.clients).fill(lesson.client)])
    const host = await startHost(room, folder)
    const start = performance.now()
    const clients = await Promise.all(
      Array.from({ length: lesson.clients }, async (_, index) => {
        await delay(index * (lesson.secondsApart ?? 0) * 1000)
        return startClient(room, index + 1, folder)
      }),
    )
    await Promise.all(clients.map((client) => client.done))
    const seconds = (performance.now() - start) / 1000
    const sent = await host.stop()
    await Promise.all(clients.map((client) => client.stop()))
    return { seconds, sent }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeImage(folder: string, bytes: number): void {
  mkdirSync(path.join(folder, 'os'))
  const image = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += 4) image.writeUInt32LE(at >>> 2, at)
  writeFileSync(path.join(folder, 'os/image'), image)
}

export const ourHost: StartHost = async (room, folder) => {
  const [program, words] = room.on(0)
  const file = new URL('./swarm-host.ts', import.meta.url).pathname
  const host = fork(file, [addressOf(0), folder], { execPath: program, execArgv: [...words, process.execPath] })
  await once(host, 'message')
  return {
    async stop() {
      const answer = once(host, 'message')
      host.send('stop')
      const [{ sent }] = (await answer) as [{ sent: number }]
      return sent
    },
  }
}

/** Unpacked, not installed: its package would start a server on this machine. */
function nginxProgram(): string {
  return path.join(unpackPackages('nginx'), 'usr/sbin/nginx')
}

const nginxHost: StartHost = async (room, folder) => {
  const settings = `daemon off; pid ${folder}/pid; error_log ${folder}/log; worker_processes 1; user root;
    events {} http { access_log off; sendfile on; server { listen ${addressOf(0)}:80; root ${folder}; } }`
  writeFileSync(path.join(folder, 'nginx.conf'), settings)
  const host = runOn(room, 0, nginxProgram(), '-c', path.join(folder, 'nginx.conf'), '-e', path.join(folder, 'log'))
  await finished(
    runOn(
      room,
      0,
      'curl',
      '-s',
      '--retry',
      '20',
      '--retry-connrefused',
      '--retry-delay',
      '1',
      `http://${addressOf(0)}/`,
    ),
  )
  return {
    async stop() {
      await ended(host)
      return 0
    },
  }
}

export const aria2: StartClient = (room, machine, folder) => {
  const into = path.join(folder, `client${machine}`)
  mkdirSync(into)
  const words = [
    '--no-conf=true',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--bt-enable-lpd=false',
    '--disable-ipv6',
  ]
  const quiet = ['--console-log-level=warn', '--summary-interval=0', '--show-console-readout=false']
  const complete = path.join(into, 'complete')
  writeFileSync(complete, `#!/bin/sh\necho complete\n`, { mode: 0o755 })
  const saving = [
    '--file-allocation=none',
    '--seed-ratio=0.0',
    `--dir=${into}`,
    `--on-bt-download-complete=${complete}`,
  ]
  const client = runOn(room, machine, 'aria2c', ...words, ...quiet, ...saving, path.join(folder, 'os.torrent'))
  const done = new Promise<void>((resolve, reject) => {
    client.stdout?.on('data', (text) => `${text}`.includes('complete') && resolve())
    client.on('exit', () => reject(new Error('aria2c ended before it had everything')))
  })
  return { done, stop: () => ended(client) }
}

const curl: StartClient = (room, machine) => {
  const client = runOn(room, machine, 'curl', '-s', '-f', '-o', '/dev/null', `http://${addressOf(0)}/os/image`)
  return { done: finished(client), stop: async () => {} }
}

function runOn(room: ShapedRoom, machine: number, ...command: string[]): ChildProcess {
  const [program, words] = room.on(machine)
  return spawn(program, [...words, ...command], { stdio: ['ignore', 'pipe', 'ignore'] })
}

async function finished(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit')
  if (code !== 0 && code !== 22) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
