import type { ClientConfiguration } from '../contract.ts'
import { Aria2Log } from './aria2-log.ts'
import { Failure } from './failure.ts'
import { postJson } from './http.ts'
import type { Exit, System } from './system.ts'
import type { Peer } from './traffic.ts'

export interface Aria2Options {
  /** Path of the program. */
  readonly program: string
  readonly torrent: string
  /** Folder in which the torrent's own folder is made. */
  readonly folder: string
  /** Path of aria2's own log. */
  readonly logFile: string
  readonly settings: ClientConfiguration['aria2']
  /** There are bytes of an earlier attempt: they are checked and kept. */
  readonly resume: boolean
}

/** How far a download is. Sizes in bytes, speeds in bytes per second. */
export interface DownloadStatus {
  readonly completed: number
  readonly total: number
  readonly downloadSpeed: number
  readonly uploadSpeed: number
  readonly uploaded: number
  /** Machines we are connected to, and how many of them have everything. */
  readonly peers: number
  readonly seeders: number
  /** Every piece is there, and matched its hash. */
  readonly isComplete: boolean
  /** While what an earlier attempt left is being checked: how much of it is. Undefined at all other times. */
  readonly verified: number | undefined
  /** How many pieces there are, and which of them are here, in aria2's hexadecimal digits. */
  readonly pieces: number
  readonly bitfield: string
  /** Announce URLs of the torrent. */
  readonly trackers: readonly string[]
  /** What the tracker said last, when it said no. */
  readonly trackerProblem: string | undefined
}

/** A torrent that aria2 downloads and then seeds until it is told to stop. */
export interface Download {
  /** @throws {Failure} when aria2 has given up or ended */
  status(): Promise<DownloadStatus>
  /** Whom it is connected to. Nobody when aria2 does not say. */
  peers(): Promise<readonly Peer[]>
  /** Ends aria2. Never rejects. */
  stop(): Promise<void>
}

/** Any sixteen hexadecimal digits: aria2 downloads only one thing, and so we know its name. */
const GID = '626f6f74746f7272'
const RPC_TIMEOUT = 5000
/** Seconds between two announces, as our tracker wants it. */
const TRACKER_INTERVAL = 15
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
  const child = system.spawn({ words, onLine: (line) => log.add(line) })
  let exit: Exit | undefined
  void child.exit.then((value) => {
    exit = value
  })

  const call = async (method: string, ...values: unknown[]): Promise<unknown> => {
    const body = { jsonrpc: '2.0', id: 1, method: `aria2.${method}`, params: [`token:${secret}`, ...values] }
    const answer = await postJson(system, { address: '127.0.0.1', port, path: '/jsonrpc', body, timeout: RPC_TIMEOUT })
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
    const deadline = system.now() + STOP_TIMEOUT
    while (!exit && system.now() < deadline) await pause(system, START_POLL)
    if (!exit) child.kill('KILL')
    await child.exit
  }

  const deadline = system.now() + START_TIMEOUT
  for (;;) {
    try {
      await call('getVersion')
      return { status, peers, stop }
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

/** How aria2 is asked and what it lives with: a TCP port of the loopback address, a password, a process. */
export interface Aria2Control {
  readonly port: number
  readonly secret: string
  readonly owner: number
}

/** The arguments that aria2c is started with. The benches use them too, so that they measure what machines do. */
export function aria2Arguments(
  options: Omit<Aria2Options, 'program'>,
  { port, secret, owner }: Aria2Control,
): string[] {
  const { settings } = options
  return [
    '--no-conf=true',
    `--stop-with-process=${owner}`,
    '--enable-rpc=true',
    '--rpc-listen-all=false',
    `--rpc-listen-port=${port}`,
    `--rpc-secret=${secret}`,
    `--gid=${GID}`,
    `--dir=${options.folder}`,
    '--file-allocation=none',
    // The files are in memory: a cache before them would only take some of it.
    '--disk-cache=0',
    '--allow-overwrite=true',
    // Without a ratio or a time aria2 seeds for ever: when it is enough is our decision.
    '--seed-ratio=0.0',
    `--bt-enable-lpd=${settings.lpd}`,
    `--enable-dht=${settings.dht}`,
    '--enable-dht6=false',
    `--enable-peer-exchange=${settings.pex}`,
    // Otherwise one that has lost its last neighbour asks for others only after two minutes.
    `--bt-tracker-interval=${TRACKER_INTERVAL}`,
    `--check-integrity=${settings.checkIntegrity || options.resume}`,
    `--log=${options.logFile}`,
    `--log-level=${settings.logLevel}`,
    '--console-log-level=warn',
    '--show-console-readout=false',
    '--summary-interval=0',
    '--enable-color=false',
    `--torrent-file=${options.torrent}`,
  ]
}

const STATUS_KEYS = [
  'status',
  'completedLength',
  'totalLength',
  'downloadSpeed',
  'uploadSpeed',
  'uploadLength',
  'connections',
  'numSeeders',
  'seeder',
  'numPieces',
  'bitfield',
  'verifiedLength',
  'verifyIntegrityPending',
  'errorCode',
  'errorMessage',
  'bittorrent',
] as const

/** aria2 writes numbers as text. */
type RpcStatus = { readonly [key in Exclude<(typeof STATUS_KEYS)[number], 'bittorrent'>]?: string } & {
  readonly bittorrent?: { readonly announceList?: readonly (readonly string[])[] }
}

function toStatus(rpc: RpcStatus, log: Aria2Log): DownloadStatus {
  if (rpc.status === 'error') throw refused(Number(rpc.errorCode), rpc.errorMessage ?? '', log)
  const completed = Number(rpc.completedLength ?? 0)
  const total = Number(rpc.totalLength ?? 0)
  return {
    completed,
    total,
    downloadSpeed: Number(rpc.downloadSpeed ?? 0),
    uploadSpeed: Number(rpc.uploadSpeed ?? 0),
    uploaded: Number(rpc.uploadLength ?? 0),
    peers: Number(rpc.connections ?? 0),
    seeders: Number(rpc.numSeeders ?? 0),
    isComplete: total > 0 && completed === total && (rpc.seeder === 'true' || rpc.status === 'complete'),
    verified: verifiedBytes(rpc),
    pieces: Number(rpc.numPieces ?? 0),
    bitfield: rpc.bitfield ?? '',
    trackers: rpc.bittorrent?.announceList?.flat() ?? [],
    trackerProblem: log.trackerProblem,
  }
}

/** aria2 has these two only while it checks, or waits for its turn to. */
function verifiedBytes({ verifiedLength, verifyIntegrityPending }: RpcStatus): number | undefined {
  if (verifiedLength !== undefined) return Number(verifiedLength)
  return verifyIntegrityPending === 'true' ? 0 : undefined
}

/** One entry of aria2.getPeers. */
interface RpcPeer {
  readonly ip: string
  readonly downloadSpeed: string
  readonly uploadSpeed: string
  readonly bitfield: string
}

function toPeer({ ip, downloadSpeed, uploadSpeed, bitfield }: RpcPeer): Peer {
  return { address: ip, down: Number(downloadSpeed), up: Number(uploadSpeed), bitfield }
}

/** aria2's EXIT STATUS 9: not enough disk space available. Its disk is our memory. */
const DISK_FULL = 9

function refused(code: number, message: string, log: Aria2Log): Failure {
  const details = [message, ...log.lastLines].filter((line) => line !== '')
  if (code === DISK_FULL || details.some((line) => line.includes('No space left on device'))) {
    return memoryFull(details)
  }
  return new Failure('The download failed.', { todo: 'Try again, or choose another system.', details, mayPass: true })
}

/** The failure of a machine with too little memory. */
export function memoryFull(details: readonly string[]): Failure {
  return new Failure('The memory of this machine is full.', {
    todo: 'Choose a smaller system, or give this machine more memory: all of the system has to fit into it.',
    details,
  })
}

function ended(exit: Exit, log: Aria2Log): Failure {
  const how = 'code' in exit ? `with code ${exit.code}` : `by signal ${exit.signal}`
  if (log.lastLines.some((line) => line.includes('No space left on device'))) return memoryFull(log.lastLines)
  return new Failure(`The download program aria2 ended ${how}.`, { todo: 'Try again.', details: log.lastLines })
}

function pause(system: System, milliseconds: number): Promise<void> {
  return new Promise((resolve) => system.after(milliseconds, resolve))
}
