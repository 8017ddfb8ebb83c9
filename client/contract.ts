/**
 * What the host writes into the environment segment (`/boottorrent/config.json`) and Phase-1's TUI reads. The torrents lie
 * beside it as `/boottorrent/torrents/<name>.torrent` and `/boottorrent/hypervisors/<name>.torrent`.
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
  /**
   * Whether people get a shell on the consoles: freely, never, or by the password of root. Phase-1's scripts look for this line
   * of the file too.
   */
  readonly shell: 'open' | 'off' | 'password'
  /** In menu order. */
  readonly oss: readonly ClientOs[]
  /**
   * What systems of the method `qemu` run in, and whose libraries programs with a loader use: each kernel is in one of them. Empty
   * when there is no such system.
   */
  readonly hypervisors: readonly ClientHypervisor[]
  /** What is special about some machines. The first rule that matches a machine wins. */
  readonly machines: readonly ClientMachineRule[]
}

/** MAC addresses and UUIDs are in lower case. What is null is as for every machine. */
export interface ClientMachineRule {
  readonly match:
    | { readonly mac: string }
    | { readonly uuid: string }
    | { readonly architecture: 'bios' | 'uefi-ia32' | 'uefi-x64' | 'uefi-arm64' }
  readonly defaultOs: string | null
  /** Seconds. */
  readonly timeout: number | null
  /** Words behind the command line of any system. */
  readonly cmdline: string | null
}

/** QEMU with a screen, as a torrent of its own. */
export interface ClientHypervisor {
  /** Name of the torrent. */
  readonly name: string
  /** The kernels that it runs on, as `uname -r` says them. */
  readonly kernels: readonly string[]
  /** Length of everything in the torrent, in bytes. */
  readonly bytes: number
  readonly infoHash: string
}

/** In bytes. Linux takes 2048 on x86, the closing zero included, and kexec takes one less. */
export const LONGEST_COMMAND_LINE = 2046

/** What may stand as `{{mac}}` in a kernel's command line; Phase-1 puts in what the machine is called. */
export const cmdlinePlaceholders = ['mac', 'ip', 'hostname', 'server', 'uuid'] as const

/** One system of the menu. File names are relative to the downloaded folder. */
export type ClientOs = {
  /** Folder name of the OS, also the name of its torrent. */
  readonly name: string
  readonly displayName: string
  /** Length of everything in the torrent, in bytes. */
  readonly bytes: number
  readonly infoHash: string
} & (
  | {
      readonly method: 'kexec'
      readonly kernel: string
      readonly initrds: readonly string[]
      /** Length of all of them together, in bytes. */
      readonly initrdBytes: number
      readonly cmdline: string
      /** Whether the kernel is a 64-bit one that Debian has signed: the only kind that can be started under Secure Boot. */
      readonly signed: boolean
    }
  | { readonly method: 'qemu'; readonly args: readonly string[] }
  | {
      readonly method: 'program'
      readonly program: string
      /** Path of the dynamic loader that it names (PT_INTERP). Null when it is static, or a script. */
      readonly loader: string | null
      /** Its length in bytes. */
      readonly programBytes: number
      readonly args: readonly string[]
    }
)

/** One step of a machine, posted by Phase-1 to the host as JSON. */
export interface ClientReport {
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  /** The system UUID of SMBIOS, in lower case, where the firmware has one: a network card can move to another machine. */
  readonly uuid?: string
  readonly step: 'phase1' | 'menu' | 'download' | 'progress' | 'complete' | 'seeding' | 'start' | 'failed' | 'trouble'
  /** One line for a person: the name of the OS, a percentage, what failed. */
  readonly detail: string
  /** The numbers of a download, with the steps from `progress` to `seeding`. */
  readonly progress?: ClientProgress
}

/** How far a download is, as the machine believes. Whole numbers: sizes in bytes, speeds in bytes per second. */
export interface ClientProgress {
  /** What is here and verified, of `total`. */
  readonly done: number
  readonly total: number
  readonly down: number
  readonly up: number
  /** What came from the server and from other machines so far. */
  readonly fromServer: number
  readonly fromPeers: number
  /**
   * What is here of the download, as 16 hexadecimal digits: of each of 64 equal parts whether the piece in its middle is here,
   * the first part in the highest bit.
   */
  readonly pieces?: string
  /** The machines it talks to, those with most traffic, at most 16; the server may be among them. */
  readonly peers: readonly ClientPeer[]
}

/** A neighbour of a machine that downloads. */
export interface ClientPeer {
  /** IPv4. */
  readonly address: string
  /** Bytes per second from it and to it. */
  readonly down: number
  readonly up: number
  /** Whole percent of the download that it has. */
  readonly progress: number
}

/**
 * The kernels: for any PC since the Pentium II, for 32-bit machines with more memory than 4 GB reach, and for 64-bit and UEFI
 * machines.
 */
export const kernelFlavours = ['686', '686-pae', 'amd64'] as const
export type KernelFlavour = (typeof kernelFlavours)[number]

/** `dist/manifest.json`: what the built client consists of. Paths are relative to the manifest. */
export interface ClientManifest {
  readonly version: 1
  readonly kernels: { readonly [flavour in KernelFlavour]: { readonly file: string; readonly release: string } }
  readonly segments: {
    readonly base: string
    /** The drivers of common network cards. */
    readonly drivers: { readonly [flavour in KernelFlavour]: string }
    /** Those of all other wired cards, for behind the common ones. */
    readonly otherDrivers: { readonly [flavour in KernelFlavour]: OtherDrivers }
    /** What a machine under Secure Boot needs besides: a 64-bit kexec. */
    readonly secureBoot: string
    /** Firmware of network cards, for every machine. Only there when the build was asked for it. */
    readonly firmware?: string
    /** An SSH server, for environments with remote help. */
    readonly debug: string
  }
  /** Folders with QEMU and its screen, and the releases of the kernels that they run on. Each is a torrent of its own. */
  readonly hypervisors: readonly { readonly folder: string; readonly kernels: readonly string[] }[]
  /**
   * Boot loaders by what loads them first: firmware, UEFI that insists on signatures (Secure Boot), BIOS on which iPXE
   * fails. What they load themselves is among the artifacts.
   */
  readonly loaders: {
    readonly [way in 'bios' | 'bios-pxelinux' | 'uefi-x64' | 'uefi-x64-secure' | 'uefi-ia32']: string
  }
  /** Every file of the build, sorted by path. */
  readonly artifacts: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[]
  /** Every package whose bytes are inside an artifact: those of Debian, then those of npm in the menu (architecture `npm`). */
  readonly packages: readonly {
    readonly name: string
    readonly version: string
    readonly architecture: string
    readonly licence: string
    /** Bytes of the package file; of a package of npm, what of it is inside. */
    readonly bytes: number
    /** Name and version of the source package it was built from; for npm `npm name version`. */
    readonly source: string
  }[]
}

/** A segment that only some machines need. */
export interface OtherDrivers {
  readonly file: string
  /** PCI cards that need it, and those that the common drivers drive: `vendor:device`, separated by blanks. */
  readonly cards: string
  readonly commonCards: string
}
