/** An environment of small systems on the loopback address, and machines (aria2) that download them. */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type { ClientReport } from '../../../client/contract.ts'
import type { LogEntry } from '../../../src/log.ts'
import { type BootServer, createBootServer } from '../../../src/server.ts'
import { lineOf } from '../dhcp/network.ts'
import { writeClient } from './client-files.ts'

const run = promisify(execFile)

/** One that tells the server of itself, as Phase-1 does. */
export interface TestMachine {
  /** Of 127.0.0.0/8. */
  readonly address: string
  readonly mac: string
}

/** A download that is under way. */
export interface Download {
  readonly os: string
  readonly machine: Program
  /** Folder that it goes into. */
  readonly into: string
}

export type Program = ChildProcessByStdio<null, Readable, Readable>

const OFF = ['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--disable-ipv6']
const QUIET = ['--file-allocation=none', '--summary-interval=0', '--show-console-readout=false']
/** As Phase-1 starts it: one that lost its last neighbour would otherwise be silent for two minutes. */
const ANNOUNCING = '--bt-tracker-interval=15'

export class ServedLab implements AsyncDisposable {
  readonly folder: string
  readonly environment: string
  readonly base: string
  /** What the server logged. */
  readonly entries: LogEntry[] = []
  client = ''
  readonly #firstPort: number
  readonly #programs: Program[] = []

  private constructor(folder: string, firstPort: number) {
    this.folder = folder
    this.environment = path.join(folder, 'lab')
    this.#firstPort = firstPort
    this.base = `http://127.0.0.1:${firstPort + 80}`
  }

  /** With one system called `demo`. @param firstPort of a thousand that no other test uses, and no connection: those begin at 32 768 */
  static async open(firstPort: number): Promise<ServedLab> {
    const lab = new ServedLab(await mkdtemp(path.join(tmpdir(), 'boottorrent-lab-')), firstPort)
    lab.client = await writeClient(path.join(lab.folder, 'client'))
    await lab.writeSystem('demo', image('first'))
    await lab.configure({ timeout: -1 })
    return lab
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs) await ended(program)
    await rm(this.folder, { recursive: true, force: true })
  }

  async configure({
    timeout,
    tracker = '',
    more = '',
  }: {
    timeout: number
    tracker?: string
    more?: string
  }): Promise<void> {
    await writeFile(
      path.join(this.environment, 'Boottorrent.yaml'),
      `version: 1
boot: { timeout: ${timeout} }
network: { interface: lo, host_ip: 127.0.0.1, mode: "off" }
tftp: { port: ${this.#firstPort + 69} }
http: { port: ${this.#firstPort + 80} }
tracker: { port: ${this.#firstPort + 1}, ${tracker} }
seeder: { port: ${this.#firstPort + 881} }
${more}`,
    )
  }

  async writeSystem(name: string, content: Buffer): Promise<void> {
    const directory = path.join(this.environment, 'oss', name)
    await mkdir(directory, { recursive: true })
    await writeFile(path.join(directory, 'vmlinuz'), content)
    await writeFile(path.join(directory, 'config.yaml'), `dispname: The ${name}\nmethod: kexec\nkernel: vmlinuz\n`)
  }

  async start(options: { watch?: boolean } = {}): Promise<BootServer> {
    const { environment, client } = this
    const server = await createBootServer({ environment, client, log: (entry) => this.entries.push(entry), ...options })
    await server.start()
    return server
  }

  /** Starts a script of ours in a process of its own, which does not outlive the test. */
  startProgram(...words: string[]): Program {
    return this.spawn(process.execPath, ...words)
  }

  /** The same with any command. */
  spawn(command: string, ...words: string[]): Program {
    const program = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#programs.push(program)
    return program
  }

  /** The machine says what it does; so the server knows whose address it is. */
  async report({ address, mac }: TestMachine, step: ClientReport['step'], detail: string): Promise<void> {
    const asked = request(`${this.base}/report`, { method: 'POST', localAddress: address, agent: false })
    asked.end(JSON.stringify({ mac, step, detail }))
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'end')
    if (answer.statusCode !== 204) throw new Error(`the report of ${mac}: ${answer.statusCode}`)
  }

  /** The machine begins to download, slowly; done when it has its first piece. */
  async beginAt(machine: TestMachine, os: string, limit?: string, ...words: string[]): Promise<Download> {
    await this.report(machine, 'download', os)
    const download = await this.beginDownload(os, limit, `--interface=${machine.address}`, ...words)
    await lineOf(download.machine, /we got new piece/i)
    return download
  }

  /** The bytes, when it has come to its end. */
  async finish({ os, machine, into }: Download): Promise<Buffer> {
    if (machine.exitCode === null) await once(machine, 'exit')
    if (machine.exitCode !== 0) throw new Error(`aria2c ended with code ${machine.exitCode}`)
    return readFile(path.join(into, os, 'vmlinuz'))
  }

  /** The torrent that a machine gets which boots now. */
  async fetchTorrent(os: string): Promise<string> {
    const answer = await fetch(`${this.base}/torrents/${os}.torrent`)
    if (answer.status !== 200) throw new Error(`the torrent of ${os}: ${answer.status}`)
    const file = path.join(await mkdtemp(path.join(this.folder, 'torrent-')), `${os}.torrent`)
    await writeFile(file, Buffer.from(await answer.arrayBuffer()))
    return file
  }

  /** Downloads to the end and returns the bytes. */
  async download(os: string, ...words: string[]): Promise<Buffer> {
    return this.downloadBy(await this.fetchTorrent(os), os, ...words)
  }

  /** The same with a torrent file that is here already. */
  async downloadBy(torrent: string, os: string, ...words: string[]): Promise<Buffer> {
    const into = await mkdtemp(path.join(this.folder, 'machine-'))
    const all = [...OFF, ...QUIET, ...words, '--seed-time=0', '--dir', into, torrent]
    await run('aria2c', all)
    return readFile(path.join(into, os, 'vmlinuz'))
  }

  /** Starts a slow download that says much. @param limit bytes per second */
  async beginDownload(os: string, limit = '1M', ...more: string[]): Promise<Download> {
    const into = await mkdtemp(path.join(this.folder, 'machine-'))
    const words = [...OFF, ...QUIET, ANNOUNCING, `--max-overall-download-limit=${limit}`, '--console-log-level=info']
    const all = [...words, ...more, '--seed-time=0', '--dir', into, await this.fetchTorrent(os)]
    return { os, machine: this.spawn('aria2c', ...all), into }
  }
}

/** 12 MB that are different in every piece. */
export function image(word: string): Buffer {
  const bytes = Buffer.alloc(12_000_000, word)
  for (let at = 0; at < bytes.length; at += 4096) bytes.writeUInt32LE(at, at)
  return bytes
}

export async function ended(program: Program): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return
  const exit = once(program, 'exit')
  program.kill('SIGKILL')
  await exit
}
