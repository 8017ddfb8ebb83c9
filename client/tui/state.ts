import type { ClientOs } from '../contract.ts'
import type { DownloadStatus } from './aria2-status.ts'
import type { Failure } from './failure.ts'
import type { Sources } from './traffic.ts'

/** What the TUI is doing now: all that a screen needs to know, and nothing else changes it. */
export type State =
  | {
      readonly screen: 'menu'
      readonly selected: number
      /** Seconds until the default starts. Undefined: the menu waits. */
      readonly secondsLeft: number | undefined
    }
  /** What this machine is, and the server. */
  | { readonly screen: 'details'; readonly sections: readonly Section[]; readonly before: State }
  /** Restart, or switch off? */
  | { readonly screen: 'power'; readonly before: State }
  | { readonly screen: 'leaving'; readonly how: PowerAction }
  | {
      readonly screen: 'download'
      readonly os: ClientOs
      /** What is downloaded: the system, or what it runs in. */
      readonly item: Item
      /** Undefined until aria2 answers. */
      readonly status: DownloadStatus | undefined
      /** Undefined until something has come. */
      readonly sources: Sources | undefined
      /** Seconds until it is done, as it goes now. */
      readonly secondsLeft: number | undefined
      /** Something the person should know though it goes on. */
      readonly remark: string | undefined
    }
  | {
      readonly screen: 'seeding'
      readonly os: ClientOs
      readonly status: DownloadStatus
      /** Machines that do not have everything yet. Undefined: no tracker has told. */
      readonly waiting: number | undefined
      /** Seconds until it is over, whoever waits. */
      readonly secondsLeft: number
    }
  | { readonly screen: 'starting'; readonly os: ClientOs }
  | {
      readonly screen: 'running'
      readonly os: ClientOs
      /** What the person should know of how it runs. */
      readonly remarks: readonly string[]
    }
  | {
      readonly screen: 'ended'
      readonly os: ClientOs
      readonly result: string
      /** What it said last. */
      readonly details: readonly string[]
    }
  | {
      readonly screen: 'failure'
      readonly failure: Failure
      /** What r tries again. */
      readonly os: ClientOs | undefined
      /** Seconds until it is tried again by itself. Undefined: it waits for a key. */
      readonly secondsLeft: number | undefined
    }

/** Facts under one title. */
export interface Section {
  readonly title: string
  readonly facts: readonly (readonly [name: string, value: string])[]
}

/** What a person can do with the machine itself. */
export type PowerAction = 'restart' | 'off'

/** Something to download. */
export interface Item {
  /** Name of its torrent and of its folder. */
  readonly name: string
  readonly displayName: string
  readonly bytes: number
  readonly infoHash: string
}

/** Who this machine is, as /init found out. */
export interface Identity {
  readonly mac: string
  readonly ip: string
  readonly hostname: string
  /** The host's address, as `http://192.0.2.1:8000`. */
  readonly server: string
}

/** A key that means something on some screen. */
export type KeyPress =
  | {
      readonly key:
        | 'up'
        | 'down'
        | 'page up'
        | 'page down'
        | 'first'
        | 'last'
        | 'enter'
        | 'escape'
        | 'shell'
        | 'repaint'
        | 'stop'
    }
  | { readonly key: 'text'; readonly text: string }
