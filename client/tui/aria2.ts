import { type Aria2Options, aria2Arguments, GID, isComplete } from './aria2-arguments.ts'
import { ended } from './aria2-failures.ts'
import { Aria2Log } from './aria2-log.ts'
import { type DownloadStatus, type RpcPeer, type RpcStatus, STATUS_KEYS, toPeer, toStatus } from './aria2-status.ts'
import { Failure } from './failure.ts'
import { postJson } from './http.ts'
import type { Exit, System } from './system.ts'
import type { Peer } from './traffic.ts'

/** A torrent that aria2 downloads and then seeds until it is told to stop. */
export interface Download {
  /** @throws {Failure} when aria2 has given up or ended */
  status(): Promise<DownloadStatus>
  /** Whom it is connected to. Nobody when aria2 does not say. */
  peers(): Promise<readonly Peer[]>
  /** Resolves as soon as aria2 says that it has everything. Its status says so too: this only comes at once. */
  readonly complete: Promise<void>
  /** Ends aria2. Never rejects. */
  stop(): Promise<void>
}

const RPC_TIMEOUT = 5000
/** Bytes of an answer: a hundred peers fit, each with its bitfield of half a million pieces. */
const RPC_LIMIT = 16 * 1024 * 1024
/** How long aria2 may take until it answers, in milliseconds: an old machine reads a large torrent slowly. */
const START_TIMEOUT = 30_000
const START_POLL = 100
/** How long it may take to say goodbye to the tracker and the peers. */
const STOP_TIMEOUT = 1000

/** Starts aria2 and waits until it answers. */
export async function startDownload(system: System, options: Aria2Options): Promise<Download> {
  if (!system.exists(options.torrent)) {
    const todo = 'Look whether the system is still on the server, and start this machine again.'
    throw new Failure(`There is no torrent ${options.torrent}.`, { todo })
  }
  const port = await system.freePort()
  const secret = system.randomHex(16)
  const log = new Aria2Log()
  const words = [options.program, ...aria2Arguments(options, { port, secret, owner: system.pid })]
  let tellComplete = () => {}
  const complete = new Promise<void>((resolve) => {
    tellComplete = resolve
  })
  const child = system.spawn({ words, onLine: (line) => (isComplete(line) ? tellComplete() : log.add(line)) })
  let exit: Exit | undefined
  void child.exit.then((value) => {
    exit = value
  })

  const call = async (method: string, ...values: unknown[]): Promise<unknown> => {
    const body = { jsonrpc: '2.0', id: 1, method: `aria2.${method}`, params: [`token:${secret}`, ...values] }
    const limits = { timeout: RPC_TIMEOUT, limit: RPC_LIMIT }
    const answer = await postJson(system, { address: '127.0.0.1', port, path: '/jsonrpc', body, ...limits })
    const { result, error } = answer as { result?: unknown; error?: { message: string } }
    if (error) throw new Error(error.message)
    return result
  }

  const status = async (): Promise<DownloadStatus> => {
    try {
      return toStatus((await call('tellStatus', GID, STATUS_KEYS)) as RpcStatus, log)
    } catch (error) {
      if (error instanceof Failure) throw error
      // It may have ended just now: then its own last words say more than a refused connection.
      await pause(system, START_POLL)
      if (exit) throw ended(exit, log)
      throw new Failure('The download program aria2 does not answer.', {
        todo: 'Try again.',
        details: [String(error), ...log.lastLines],
        mayPass: true,
      })
    }
  }

  const peers = async (): Promise<readonly Peer[]> => {
    try {
      return ((await call('getPeers', GID)) as readonly RpcPeer[]).map(toPeer)
    } catch {
      // Who sends to whom is good to see, and no download fails for it.
      return []
    }
  }

  const stop = async (): Promise<void> => {
    if (exit) return
    // Asked by JSON-RPC, it first waits for three seconds. By this signal it tells tracker and peers at once; by TERM it would
    // tell nobody.
    child.kill('INT')
    await Promise.race([child.exit, pause(system, STOP_TIMEOUT)])
    if (!exit) child.kill('KILL')
    await child.exit
  }

  const deadline = system.now() + START_TIMEOUT
  for (;;) {
    try {
      await call('getVersion')
      return { status, peers, complete, stop }
    } catch (error) {
      if (exit) throw ended(exit, log)
      if (system.now() > deadline) {
        await stop()
        throw new Failure('The download program aria2 did not start in time.', {
          todo: 'Try again.',
          details: [String(error), ...log.lastLines],
        })
      }
    }
    await pause(system, START_POLL)
  }
}

function pause(system: System, milliseconds: number): Promise<void> {
  return new Promise((resolve) => system.after(milliseconds, resolve))
}
