import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Log } from '../../../src/log.ts'
import { createSeeder, type MadeTorrent, makeTorrent, type Seeder } from '../../../src/seeder/index.ts'
import { announceUrls, createTracker, type Tracker } from '../../../src/tracker/index.ts'

const run = promisify(execFile)

/** A tracker, a seeder and an operating system to download, on the loopback address. */
export class Classroom implements AsyncDisposable {
  readonly folder: string
  readonly tracker: Tracker
  readonly seeder: Seeder
  readonly made: MadeTorrent
  /** Names of what tracker and seeder have logged. */
  readonly log: string[]
  #clients = 0
  /** Clients of a test that failed must not outlive it. */
  readonly #dismissed = new AbortController()

  private constructor(folder: string, tracker: Tracker, seeder: Seeder, made: MadeTorrent, log: string[]) {
    this.folder = folder
    this.log = log
    this.tracker = tracker
    this.seeder = seeder
    this.made = made
  }

  /** @param bytes size of the image. */
  static async open(bytes: number): Promise<Classroom> {
    const folder = await mkdtemp(join(tmpdir(), 'classroom-'))
    await mkdir(join(folder, 'oss/demo/boot'), { recursive: true })
    await writeFile(join(folder, 'oss/demo/boot/vmlinuz'), numbered(1_234_567))
    await writeFile(join(folder, 'oss/demo/empty'), '')
    await writeFile(join(folder, 'oss/demo/image'), numbered(bytes))
    const infoHashes = new Set<string>()
    const logged: string[] = []
    const log: Log = ({ event }) => void logged.push(event)
    const tracker = createTracker({ address: '127.0.0.1', infoHashes: () => infoHashes, log })
    // The info-hash does not depend on the tracker's URL, whose port is known only when it runs.
    const source = { name: 'demo', directory: join(folder, 'oss/demo') }
    infoHashes.add((await makeTorrent({ ...source, announce: [] })).infoHash)
    await tracker.start()
    const made = await makeTorrent({ ...source, announce: announceUrls('127.0.0.1', tracker.port) })
    await writeFile(join(folder, 'demo.torrent'), made.torrent)
    const torrents = [{ torrent: made.torrent, directory: join(folder, 'oss') }]
    // All clients have this one address.
    const seeder = createSeeder({ address: '127.0.0.1', torrents, log, limits: { connectionsPerAddress: 512 } })
    await seeder.start()
    return new Classroom(folder, tracker, seeder, made, logged)
  }

  get torrentFile(): string {
    return join(this.folder, 'demo.torrent')
  }

  /** An empty folder for one more client. */
  async newFolder(): Promise<string> {
    this.#clients += 1
    const folder = join(this.folder, `client-${this.#clients}`)
    await mkdir(folder)
    return folder
  }

  /** Downloads with aria2 and returns the folder. */
  async aria2(...words: string[]): Promise<string> {
    const folder = await this.newFolder()
    await run('aria2c', [...this.aria2Words(folder), '--seed-time=0', ...words, this.torrentFile], {
      signal: this.#dismissed.signal,
    })
    return folder
  }

  aria2Words(folder: string): string[] {
    const off = ['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--no-conf', '--disable-ipv6']
    return [...off, `--dir=${folder}`, '--file-allocation=none', '--console-log-level=warn', '--summary-interval=0']
  }

  async libtorrent(encrypted: boolean): Promise<string> {
    const folder = await this.newFolder()
    // Debian's own Python: its packages are not found by another one.
    await run('/usr/bin/python3', [
      join(import.meta.dirname, 'libtorrent-client.py'),
      this.torrentFile,
      folder,
      String(encrypted),
    ])
    return folder
  }

  /** Names of the files below a downloaded folder whose content differs, or that are missing. */
  async differences(folder: string): Promise<string[]> {
    const original = join(this.folder, 'oss/demo')
    const names = (await readdir(original, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(original.length + 1))
    const different = []
    for (const name of names) {
      const copy = await readFile(join(folder, 'demo', name)).catch(() => undefined)
      if (!copy?.equals(await readFile(join(original, name)))) different.push(name)
    }
    return different
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#dismissed.abort()
    await this.seeder.close()
    await this.tracker.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Bytes that are different in every piece. */
function numbered(bytes: number): Buffer {
  const content = Buffer.alloc(bytes)
  for (let at = 0; at + 4 <= bytes; at += 4) content.writeUInt32LE(at, at)
  return content
}
