import type { ClientConfiguration } from '../contract.ts'

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

/** Any sixteen hexadecimal digits: aria2 downloads only one thing, and so we know its name. */
export const GID = '626f6f74746f7272'
/** Seconds between two announces, as our tracker wants it. */
const TRACKER_INTERVAL = 15

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
    '--on-bt-download-complete=/bin/echo',
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

/** Whether a line of its output is of that `echo`, which aria2 gives the name of the download, a count and a path. */
export function isComplete(line: string): boolean {
  return line.startsWith(`${GID} `)
}
