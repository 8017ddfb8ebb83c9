/**
 * The state of the room as JSON: what `GET /api/status` answers, `GET /api/events` sends and the web page and the dashboard
 * show. Described for its users in docs/status-api.md; a field is never removed or given another meaning while `version`
 * stays the same.
 *
 * Times are milliseconds since 1970, sizes bytes, speeds bytes per second. Texts are cleaned: no control characters, and
 * an end. Still they may contain anything else, `<script>` among it.
 */

/** How far a machine is, in the words of a person. */
export type Phase = 'dhcp' | 'loader' | 'kernel' | 'phase1' | 'menu' | 'download' | 'seeding' | 'started' | 'failed'

/** Who says so: the host saw it itself, or the machine reported it. */
export type Source = 'host' | 'client'

export interface StatusStep {
  readonly time: number
  /** Such as `discover`, `kernel`, `progress`. */
  readonly step: string
  readonly detail: string
  readonly source: Source
}

/** Numbers of a download as the machine reports them: a hint, not a fact. */
export interface StatusProgress {
  readonly done: number
  readonly total: number
  /** Whole percent, 100 only when everything is there. */
  readonly percent: number
  readonly down: number
  readonly up: number
  /** Bytes so far, an estimate of the machine. */
  readonly fromServer: number
  readonly fromPeers: number
  /** Which of 64 pieces that lie evenly over the download are here, as 16 hexadecimal digits, the first in the highest bit. */
  readonly pieces: string | null
  /** With whom it exchanges, the busiest first, at most 16. */
  readonly peers: readonly StatusPeer[]
}

export interface StatusPeer {
  /** `server`, the MAC address of a machine that is known, or else an IPv4 address. */
  readonly id: string
  /** From it to this machine, and from this machine to it. */
  readonly down: number
  readonly up: number
}

export interface StatusMachine {
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  readonly name: string | null
  readonly address: string | null
  /** As `bios` or `uefi-x64`. */
  readonly firmware: string | null
  /** False for what only asked for an address: telephones, machines whose system runs. */
  readonly isBooting: boolean
  readonly phase: Phase
  /** The step it is in, with the newest detail. */
  readonly step: StatusStep
  /** When that step began. */
  readonly since: number
  readonly boot: {
    /** 1 for the first one that was seen. */
    readonly number: number
    readonly startedAt: number
    /** Seconds from the first DISCOVER to the start of its system; null until then. */
    readonly seconds: number | null
    /** When each step was first seen. */
    readonly times: { readonly [step: string]: number }
  }
  readonly stuck: { readonly reason: string; readonly since: number } | null
  readonly progress: StatusProgress | null
  /** Bytes of systems that the server's seeder sent to it, as the server counts them, all boots together. */
  readonly received: number
  readonly lastSeen: number
}

/** A machine with its whole timeline, oldest first: the answer to `GET /api/machine?mac=…`. */
export interface StatusMachineDetail extends StatusMachine {
  /** The system UUID of its firmware, as it reports it. */
  readonly uuid: string | null
  readonly timeline: readonly StatusStep[]
}

/** The swarm of one system, as tracker and seeder count it. */
export interface StatusSwarm {
  /** Folder name of the system. */
  readonly name: string
  readonly displayName: string
  readonly infoHash: string
  readonly bytes: number
  /** Peers that have everything, the server among them, and peers that do not. */
  readonly complete: number
  readonly incomplete: number
  /** Bytes that the server sent since it was started. */
  readonly uploaded: number
}

/** The traffic of the room at one moment. */
export interface StatusTraffic {
  readonly time: number
  /** What the server sends, as it counts itself. */
  readonly server: number
  /** What machines say they get from each other. */
  readonly peers: number
}

/** Something that happened. */
export interface StatusEvent {
  /** Counts up from 1. */
  readonly id: number
  readonly time: number
  /** `step`, `stuck`, or what happened to the server: `server`, `wake`, `reload`. */
  readonly kind: 'step' | 'stuck' | 'server' | 'wake' | 'reload'
  /** The machine it concerns. */
  readonly mac: string | null
  /** Of a `step`. */
  readonly step: string | null
  readonly text: string
  readonly source: Source
}

export interface StatusServer {
  readonly program: string
  readonly interface: string
  readonly address: string
  readonly startedAt: number
  /** What it can be asked to do, with the token that was printed at start. */
  readonly actions: readonly ('wake' | 'reload')[]
}

/** The whole room at one moment. Times are milliseconds since 1970, sizes bytes, speeds bytes per second. */
export interface Status {
  readonly version: 1
  readonly time: number
  readonly server: StatusServer
  readonly machines: readonly StatusMachine[]
  readonly swarms: readonly StatusSwarm[]
  /** Of the last ten minutes, one every two seconds, oldest first. */
  readonly traffic: readonly StatusTraffic[]
  /** The last hundred, oldest first. */
  readonly events: readonly StatusEvent[]
}

/** What is different since the last one. What is left out is as it was. */
export interface StatusChange {
  readonly version: 1
  readonly time: number
  /** Each of these machines as it is now. */
  readonly machines?: readonly StatusMachine[]
  /** MAC addresses of machines that are not remembered any more. */
  readonly forgotten?: readonly string[]
  /** All swarms. */
  readonly swarms?: readonly StatusSwarm[]
  /** New ones, to be put behind those that were there. */
  readonly traffic?: readonly StatusTraffic[]
  readonly events?: readonly StatusEvent[]
}
