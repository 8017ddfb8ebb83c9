import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Tracker from 'bittorrent-tracker/server'
import createTorrent from 'create-torrent'
import type { ClientConfiguration, ClientOs, ClientReport } from '../../../client/contract.ts'

/** The programs of the built client, taken out of its base segment. */
export interface ClientPrograms {
  readonly tui: string
  readonly aria2c: string
}

/**
 * Unpacks the TUI and aria2c that machines really get.
 *
 * BOOTTORRENT_TUI names another TUI, for whoever works on it.
 */
export async function unpackClient(folder: string): Promise<ClientPrograms> {
  const dist = join(import.meta.dirname, '../../../client/dist')
  const base = existsSync(dist) ? readdirSync(dist).find((name) => name.startsWith('base.cpio')) : undefined
  if (base === undefined) throw new Error('the client is not built: npm run build:client')
  execFileSync('bsdtar', ['-xf', join(dist, base), '-C', folder, 'bin/tui', 'bin/aria2c'])
  return { tui: process.env.BOOTTORRENT_TUI ?? join(folder, 'bin/tui'), aria2c: join(folder, 'bin/aria2c') }
}

/** Random-looking bytes that are the same in every run. */
export function payload(length: number): Buffer {
  const blocks: Buffer[] = []
  for (let number = 0; number * 32 < length; number++) {
    blocks.push(createHash('sha256').update(`block ${number}`).digest())
  }
  return Buffer.concat(blocks).subarray(0, length)
}

/**
 * Everything around one TUI: a folder with its configuration and torrents, a tracker, Debian's aria2c as the seeder, a host
 * that takes reports, and a script in the place of kexec.
 */
export class Phase1 implements AsyncDisposable {
  readonly folder: string
  readonly reports: ClientReport[] = []
  private readonly reported = new EventEmitter<{ report: [ClientReport] }>()
  private readonly tracker: Tracker
  private readonly host: HttpServer
  private readonly processes: ChildProcess[] = []
  private announce = ''

  static async create(): Promise<Phase1> {
    const phase1 = new Phase1(await mkdtemp(join(tmpdir(), 'boottorrent-phase1-')))
    await phase1.open()
    return phase1
  }

  private constructor(folder: string) {
    this.folder = folder
    this.tracker = new Tracker({ udp: false, ws: false, stats: false })
    this.host = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (text) => {
        body += text
      })
      request.on('end', () => {
        const report = JSON.parse(body) as ClientReport
        this.reports.push(report)
        this.reported.emit('report', report)
        response.writeHead(204).end()
      })
    })
  }

  private async open(): Promise<void> {
    const listening = new Promise<void>((resolve) => this.tracker.once('listening', () => resolve()))
    this.tracker.listen({ http: 0, udp: 0 }, { http: '127.0.0.1', udp: '127.0.0.1' })
    await listening
    await new Promise<void>((resolve) => this.host.listen(0, '127.0.0.1', resolve))
    this.announce = `http://127.0.0.1:${(this.tracker.http.address() as AddressInfo).port}/announce`
    for (const name of ['torrents', 'seed', 'oss']) await mkdir(join(this.folder, name))
    await this.writeProgram('power', 'echo "$1" > "$0.words"\nexit 1')
    await this.writeProgram(
      'kexec',
      'printf "%s\\n" "$@" > "$(dirname "$0")/kexec.words"\necho "not a kernel" >&2\nexit 1',
    )
  }

  /** Makes an OS of these files, with its torrent, and returns its bytes. */
  async addOs(name: string, files: Readonly<Record<string, Buffer | string>>): Promise<number> {
    const source = join(this.folder, 'seed', name)
    await mkdir(source)
    let bytes = 0
    for (const [file, content] of Object.entries(files)) {
      await writeFile(join(source, file), content)
      bytes += content.length
    }
    const torrent = await new Promise<Uint8Array>((resolve, reject) => {
      createTorrent(source, { name, pieceLength: 2 ** 15, announceList: [[this.announce]] }, (error, made) =>
        error ? reject(error) : resolve(made),
      )
    })
    await writeFile(join(this.folder, 'torrents', `${name}.torrent`), torrent)
    return bytes
  }

  /** Resolves when a machine next tells the tracker that it begins, has everything, or leaves. */
  announced(event: 'start' | 'complete' | 'stop'): Promise<void> {
    return new Promise((resolve) => this.tracker.once(event, () => resolve()))
  }

  /** The first report of a step. It comes a little later than the line on the console. */
  async report(step: ClientReport['step']): Promise<ClientReport> {
    for (;;) {
      const found = this.reports.find((report) => report.step === step)
      if (found) return found
      await once(this.reported, 'report')
    }
  }

  /** Starts Debian's aria2c as the seeder of an OS. Resolves when the tracker knows it. */
  async seed(name: string, ...options: readonly string[]): Promise<void> {
    const known = this.announced('start')
    const torrent = join(this.folder, 'torrents', `${name}.torrent`)
    const settings = ['--no-conf', '--enable-dht=false', '--bt-enable-lpd=false', '--seed-ratio=0.0', '--quiet']
    const words = [...settings, ...options, '--check-integrity=true', `--dir=${join(this.folder, 'seed')}`, torrent]
    this.processes.push(spawn('aria2c', words, { stdio: 'ignore' }))
    await known
  }

  async configure(oss: readonly ClientOs[], changes: Partial<ClientConfiguration> = {}): Promise<void> {
    const configuration: ClientConfiguration = {
      version: 1,
      reportUrl: '',
      timeout: -1,
      defaultOs: oss[0]?.name ?? null,
      seedTime: 0,
      aria2: { lpd: false, dht: false, pex: true, checkIntegrity: false, logLevel: 'notice' },
      shell: 'open',
      oss,
      hypervisors: [],
      machines: [],
      ...changes,
    }
    await writeFile(join(this.folder, 'config.json'), JSON.stringify(configuration))
  }

  /** Starts the TUI as /init does. Resolves with its exit code when it ends. */
  start(programs: ClientPrograms, consoles: readonly string[], changes: Readonly<Record<string, string>> = {}) {
    const child = spawn(programs.tui, [], {
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
      env: {
        PATH: process.env.PATH,
        BT_CONSOLES: consoles.join(' '),
        BT_MAC: '52:54:00:12:34:56',
        BT_IP: '192.0.2.23',
        BT_HOSTNAME: 'pc-07',
        BT_SERVER: `http://127.0.0.1:${(this.host.address() as AddressInfo).port}`,
        BT_CONFIG: join(this.folder, 'config.json'),
        BT_TORRENTS: join(this.folder, 'torrents'),
        BT_DOWNLOADS: join(this.folder, 'oss'),
        BT_ARIA2C: programs.aria2c,
        BT_ARIA2_LOG: join(this.folder, 'aria2.log'),
        BT_KEXEC: join(this.folder, 'kexec'),
        BT_SHELL: '/bin/sh',
        BT_POWER: join(this.folder, 'power'),
        ...changes,
      },
    })
    this.processes.push(child)
    return child
  }

  async writeProgram(name: string, script: string): Promise<void> {
    await writeFile(join(this.folder, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(this.folder, name), 0o755)
  }

  /** A file of the downloaded systems. */
  downloaded(path: string): Promise<Buffer> {
    return readFile(join(this.folder, 'oss', path))
  }

  /** How kexec was called. */
  async kexecWords(): Promise<string[]> {
    return (await readFile(join(this.folder, 'kexec.words'), 'utf8')).trimEnd().split('\n')
  }

  /** What the machine was asked to do with itself: `restart` or `off`. */
  async powerWord(): Promise<string> {
    return (await readFile(join(this.folder, 'power.words'), 'utf8')).trim()
  }

  /** Number of the process of a program that has written it beside itself. */
  async pidOf(program: string): Promise<number> {
    return Number(await readFile(join(this.folder, `${program}.pid`), 'utf8'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = new Promise((resolve) => child.once('exit', resolve))
      // The TUI's aria2c ends with it, for it is told to; a seeder has nobody else.
      child.kill('SIGTERM')
      await ended
    }
    await new Promise<void>((resolve) => this.tracker.close(() => resolve()))
    this.host.closeAllConnections()
    await new Promise((resolve) => this.host.close(resolve))
    await rm(this.folder, { recursive: true, force: true })
  }
}
