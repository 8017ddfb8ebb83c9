import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { aria2Arguments } from '../client/tui/aria2-arguments.ts'
import { freePort } from './free-port.ts'
import { processorSeconds } from './server-process.ts'

const POLL_MS = 50
const SECRET = 'bench'

/** What a client got, from its first piece on. */
interface Download {
  readonly bytes: number
  readonly seconds: number
}

/** An aria2c, started as Phase-1 starts it, that downloads into RAM and shares with nobody. */
export class SeedClient implements AsyncDisposable {
  readonly #folder = mkdtempSync('/dev/shm/bench-seed-client-')
  readonly #process: Promise<ChildProcess>
  #rpcPort = 0

  /**
   * @param command the program, with the words that start it
   * @param limits more of its options
   */
  constructor(torrentFile: string, command: readonly string[] = ['aria2c'], ...limits: string[]) {
    this.#process = this.#start(torrentFile, command, limits)
  }

  /** Seconds of processor time so far. */
  async processorSeconds(): Promise<number> {
    return processorSeconds((await this.#process).pid as number)
  }

  /** Bytes of verified pieces so far. */
  async received(): Promise<number> {
    await this.#process
    return (await this.#status())?.bytes ?? 0
  }

  async download(patienceMs: number): Promise<Download> {
    await this.#process
    const deadline = performance.now() + patienceMs
    let startedAt = 0
    let bytes = 0
    let total = Number.POSITIVE_INFINITY
    while (bytes < total && performance.now() < deadline) {
      await delay(POLL_MS)
      const status = await this.#status()
      if (status === undefined) continue
      bytes = status.bytes
      total = status.total
      if (bytes > 0 && startedAt === 0) startedAt = performance.now()
    }
    return { bytes, seconds: (performance.now() - startedAt) / 1000 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const process = await this.#process
    if (process.exitCode === null && process.signalCode === null) {
      const exit = once(process, 'exit')
      process.kill('SIGKILL')
      await exit
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(torrent: string, command: readonly string[], limits: readonly string[]): Promise<ChildProcess> {
    this.#rpcPort = await freePort()
    const words = aria2Arguments(
      {
        torrent,
        folder: this.#folder,
        logFile: path.join(this.#folder, 'aria2.log'),
        // Whom the seeder tells of by peer exchange is not asked either.
        settings: { lpd: false, dht: false, pex: false, checkIntegrity: false, logLevel: 'notice' },
        resume: false,
      },
      { port: this.#rpcPort, secret: SECRET, owner: process.pid },
    )
    const [program = '', ...first] = command
    const more = ['--disable-ipv6', `--listen-port=${await freePort()}`, ...limits]
    const child = spawn(program, [...first, ...words, ...more], { stdio: 'ignore' })
    await once(child, 'spawn')
    return child
  }

  /** Undefined while aria2 does not answer yet. */
  async #status(): Promise<{ bytes: number; total: number } | undefined> {
    const params = [`token:${SECRET}`, ['completedLength', 'totalLength']]
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'aria2.tellActive', params })
    const url = `http://127.0.0.1:${this.#rpcPort}/jsonrpc`
    const answer = await fetch(url, { method: 'POST', body }).catch(() => undefined)
    if (answer === undefined) return undefined
    const { result } = (await answer.json()) as { result: { completedLength: string; totalLength: string }[] }
    const [download] = result
    return download && { bytes: Number(download.completedLength), total: Number(download.totalLength) }
  }
}
