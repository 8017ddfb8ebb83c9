/** The seeders that are measured side by side, each in a process of its own. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'

/** Whoever is not ready to seed by then cannot be run. */
const START_PATIENCE_MS = 60_000

/** The torrent's content lies in the folder. */
export interface SeedFolder {
  readonly folder: string
  readonly torrentFile: string
}

export interface Seeder extends AsyncDisposable {
  readonly pid: number
  readonly port: number
}

/** Resolves when it is ready to seed. */
export type StartSeeder = (files: SeedFolder) => Promise<Seeder>

const inNode =
  (kind: 'ours' | 'stock'): StartSeeder =>
  async ({ folder, torrentFile }) => {
    const host = fork(new URL('./seed-host.ts', import.meta.url), [folder, torrentFile, kind])
    const [{ port }] = (await once(host, 'message')) as [{ port: number }]
    return running(host, port)
  }

export const libtorrent: StartSeeder = async ({ folder, torrentFile }) => {
  const port = await freePort()
  const script = new URL('./seed-libtorrent.py', import.meta.url).pathname
  // Debian's own Python: its packages are not found by another one.
  const host = spawn('/usr/bin/python3', [script, folder, torrentFile, `${port}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return await saying(host, 'ready', port)
}

const aria2: StartSeeder = async ({ folder, torrentFile }) => {
  const port = await freePort()
  const off = ['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--disable-ipv6']
  const seeding = ['--check-integrity=true', '--seed-ratio=0.0', `--dir=${folder}`, `--listen-port=${port}`]
  const host = spawn('aria2c', [...off, ...seeding, '--summary-interval=1', torrentFile], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return await saying(host, 'SEED', port)
}

const transmission: StartSeeder = async ({ folder, torrentFile }) => {
  const port = await freePort()
  const settings = ['-g', `${folder}/transmission`, '-w', folder, '-p', `${port}`, '-M', '-er']
  const host = spawn('transmission-cli', [...settings, torrentFile], { stdio: ['ignore', 'pipe', 'ignore'] })
  return await saying(host, 'Seeding', port)
}

/** Ours is the first one. */
export const seeders: Readonly<Record<string, StartSeeder>> = {
  boottorrent: inNode('ours'),
  libtorrent,
  aria2c: aria2,
  'webtorrent as it comes': inNode('stock'),
  transmission,
}

async function saying(host: ChildProcess, word: string, port: number): Promise<Seeder> {
  const lines = createInterface({ input: host.stdout as NodeJS.ReadableStream })
  const impatience = setTimeout(() => host.kill('SIGKILL'), START_PATIENCE_MS)
  await new Promise<void>((resolve, reject) => {
    // It is read on, or a full pipe would stop the program.
    lines.on('line', (line) => line.includes(word) && resolve())
    host.once('error', reject)
    host.once('exit', (code) => reject(new Error(`it ended with code ${code} before it said "${word}"`)))
  }).finally(() => clearTimeout(impatience))
  return running(host, port)
}

function running(host: ChildProcess, port: number): Seeder {
  return {
    pid: host.pid as number,
    port,
    async [Symbol.asyncDispose]() {
      if (host.exitCode !== null || host.signalCode !== null) return
      const exit = once(host, 'exit')
      host.kill('SIGKILL')
      await exit
    },
  }
}
