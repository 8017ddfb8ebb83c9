import type { LogLevel } from '../log.ts'

/**
 * What an environment says, once it is known to be right. Versions 0 and 1 of Boottorrent.yaml both become this; nothing
 * after the loader knows which one the user wrote. What the user left out is undefined here only where the answer depends
 * on the machine that serves (interface, addresses); every other default is filled in.
 */
export interface Configuration {
  /** Absolute path of the environment's folder. */
  readonly directory: string
  readonly boot: {
    /** Folder name of the OS that starts when the countdown ends. */
    readonly defaultOs: string | undefined
    /** Seconds the menu waits; 0 starts the default at once; negative waits for ever. */
    readonly timeout: number
    /** Seconds a client goes on seeding, at most, before it starts the OS. */
    readonly seedTime: number
    /** Whether UEFI machines get loaders that Secure Boot accepts. */
    readonly secureBoot: boolean
    /** Which drivers of network cards every machine loads. */
    readonly drivers: 'common' | 'all'
  }
  readonly network: {
    /** Names of the interfaces to serve, as `eth0`. Empty: the only sensible one. */
    readonly interfaces: readonly string[]
    /** IPv4 addresses of the host as clients see it, at most one for each interface. What is missing: the interface's own. */
    readonly hostIps: readonly string[]
    readonly mode: 'auto' | 'proxy' | 'dhcp' | 'off'
    /** The addresses to give away, one range for each network. What is missing: taken from the interface's subnet. */
    readonly ranges: readonly { readonly first: string; readonly last: string; readonly netmask: string | undefined }[]
    /** Seconds a lease lasts; Infinity is allowed. */
    readonly lease: number
    /** Default gateways; machines are told the one of their own network. */
    readonly routers: readonly string[]
    readonly dns: readonly string[]
    readonly ntp: readonly string[]
    readonly domain: string | undefined
    /** User to become after the ports are bound. */
    readonly user: string | undefined
  }
  readonly tftp: { readonly enabled: boolean; readonly port: number }
  readonly http: { readonly port: number }
  readonly tracker: {
    readonly enabled: boolean
    readonly port: number
    /** Announce URLs of other trackers, best first. */
    readonly others: readonly string[]
  }
  readonly seeder: { readonly port: number; readonly lpd: boolean }
  readonly client: {
    readonly lpd: boolean
    readonly dht: boolean
    readonly pex: boolean
    readonly checkIntegrity: boolean
    readonly logLevel: 'debug' | 'info' | 'notice' | 'warn' | 'error'
    /** Whether machines can be reached by SSH, with the environment's own key. */
    readonly debug: boolean
    /** Whether machines offer a shell. */
    readonly shell: boolean
    /** Hash of the password that it asks for, as crypt(3) has it: `$6$…`. */
    readonly shellPassword: string | undefined
  }
  readonly logLevel: LogLevel
  /** In menu order. */
  readonly oss: readonly OperatingSystem[]
  readonly machines: readonly MachineRule[]
  /** What was accepted but has no effect, or was corrected: shown once at start. */
  readonly warnings: readonly Problem[]
}

/** One folder in oss/. File names are relative to `directory`, with forward slashes. */
export type OperatingSystem = {
  /** Folder name, the key of everything. */
  readonly name: string
  /** Name in the menu; unique. */
  readonly displayName: string
  /** Absolute path of the folder. */
  readonly directory: string
} & (
  | { readonly method: 'kexec'; readonly kernel: string; readonly initrds: readonly string[]; readonly cmdline: string }
  | { readonly method: 'qemu'; readonly args: readonly string[] }
  | { readonly method: 'program'; readonly program: string; readonly args: readonly string[] }
)

/** What is special about some machines. The first rule that matches a machine wins. */
export interface MachineRule {
  readonly match:
    | { readonly mac: string }
    | { readonly uuid: string }
    | { readonly architecture: 'bios' | 'uefi-ia32' | 'uefi-x64' | 'uefi-arm64' }
  readonly hostname: string | undefined
  readonly address: string | undefined
  readonly defaultOs: string | undefined
  readonly cmdline: string | undefined
  readonly timeout: number | undefined
  readonly secureBoot: boolean | undefined
  readonly loader: 'ipxe' | 'pxelinux' | undefined
}

/** Something wrong with a file of the environment, with the place to mend. */
export interface Problem {
  /** Path relative to the environment's folder. */
  readonly file: string
  /** Counted from 1; 0 when the problem is the file as a whole. */
  readonly line: number
  readonly column: number
  /** Stable, for programs: `unknown-key`, `missing-file`, … */
  readonly code: string
  readonly message: string
  /** What to do. */
  readonly hint: string
}
