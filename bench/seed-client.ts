import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from './free-port.ts'

const POLL_MS = 50

/** What a client got, from its first piece on. */
interface Download {
  readonly bytes: number
  readonly seconds: number
}

/** An aria2c that downloads into RAM and shares with nobody. */
export class SeedClient implements AsyncDisposable {
  readonly #folder = mkdtempSync('/dev/shm/bench-seed-client-')
  readonly #process: Promise<ChildProcess>
  #rpcPort = 0

  constructor(torrentFile: string, ...words: string[]) {
    this.#process = this.#start([...words, torrentFile])
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

  async #start(words: string[]): Promise<ChildProcess> {
    this.#rpcPort = await freePort()
    const off = ['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--disable-ipv6']
    // Whom the seeder tells of by peer exchange is not asked either.
    const alone = ['--enable-peer-exchange=false', `--listen-port=${await freePort()}`]
    const saving = [`--dir=${this.#folder}`, '--file-allocation=none', '--disk-cache=0', '--seed-ratio=0.0']
    const rpc = ['--enable-rpc=true', `--rpc-listen-port=${this.#rpcPort}`]
    return spawn('aria2c', [...off, ...alone, ...saving, ...rpc, ...words], { stdio: 'ignore' })
  }

  /** Undefined while aria2 does not answer yet. */
  async #status(): Promise<{ bytes: number; total: number } | undefined> {
    const keys = ['completedLength', 'totalLength']
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'aria2.tellActive', params: [keys] })
    const url = `http://127.0.0.1:${this.#rpcPort}/jsonrpc`
    const answer = await fetch(url, { method: 'POST', body }).catch(() => undefined)
    if (answer === undefined) return undefined
    const { result } = (await answer.json()) as { result: { completedLength: string; totalLength: string }[] }
    const [download] = result
    return download && { bytes: Number(download.completedLength), total: Number(download.totalLength) }
  }
}
