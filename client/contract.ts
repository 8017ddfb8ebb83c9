/**
 * What the host writes into the environment segment (`/boottorrent/config.json`) and Phase-1's TUI reads. The torrents lie
 * beside it as `/boottorrent/torrents/<name>.torrent`.
 */
export interface ClientConfiguration {
  readonly version: 1
  /** Where reports are posted, as `http://192.0.2.1:8000/report`. Only a hint: the kernel command line's boottorrent.server wins. */
  readonly reportUrl: string
  /** Seconds the menu waits; 0 starts the default at once; negative waits for ever. */
  readonly timeout: number
  /** `name` of one of `oss`. */
  readonly defaultOs: string | null
  /** Seconds to go on seeding, at most. */
  readonly seedTime: number
  readonly aria2: {
    readonly lpd: boolean
    readonly dht: boolean
    readonly pex: boolean
    readonly checkIntegrity: boolean
    readonly logLevel: 'debug' | 'info' | 'notice' | 'warn' | 'error'
  }
  /** In menu order. */
  readonly oss: readonly ClientOs[]
}

/** One system of the menu. File names are relative to the downloaded folder. */
export type ClientOs = {
  /** Folder name of the OS, also the name of its torrent. */
  readonly name: string
  readonly displayName: string
  /** Length of everything in the torrent, in bytes. */
  readonly bytes: number
  readonly infoHash: string
} & (
  | { readonly method: 'kexec'; readonly kernel: string; readonly initrds: readonly string[]; readonly cmdline: string }
  | { readonly method: 'qemu'; readonly args: readonly string[] }
  | { readonly method: 'program'; readonly program: string; readonly args: readonly string[] }
)

/** One step of a machine, posted by Phase-1 to the host as JSON. */
export interface ClientReport {
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  readonly step: 'phase1' | 'menu' | 'download' | 'progress' | 'complete' | 'seeding' | 'start' | 'failed'
  /** One line for a person: the name of the OS, a percentage, what failed. */
  readonly detail: string
}

/** `dist/manifest.json`: what the built client consists of. Paths are relative to the manifest. */
export interface ClientManifest {
  readonly version: 1
  readonly kernels: { readonly [flavour in '686' | 'amd64']: { readonly file: string; readonly release: string } }
  readonly segments: {
    readonly base: string
    readonly drivers: { readonly [flavour in '686' | 'amd64']: string }
  }
  /** Boot loaders by the firmware that loads them first. */
  readonly loaders: { readonly bios: string; readonly 'uefi-x64': string }
  /** Every file of the build, sorted by name. */
  readonly artifacts: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[]
  /** Every Debian package whose bytes are inside an artifact. */
  readonly packages: readonly {
    readonly name: string
    readonly version: string
    readonly architecture: string
    readonly licence: string
    /** Bytes of the package file. */
    readonly bytes: number
    /** Name and version of the source package it was built from. */
    readonly source: string
  }[]
}
