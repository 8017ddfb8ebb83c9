/**
 * Turns an environment into what is served: one torrent for each operating system, the environment segment, and the table
 * of boot files. A copy of everything that is made here lies in `out/`, to be looked at.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { KernelFlavour } from '../client/contract.ts'
import { type BootFile, type BootFiles, createBootFiles } from './boot-files.ts'
import { autoexecScript, type BootFileNames, type BootScriptOptions, bootScript } from './boot-script.ts'
import { clientFiles } from './client-files.ts'
import type { ClientPackage } from './client-package.ts'
import { debugKeyFile, debugPublicKey } from './debug-key.ts'
import type { Configuration } from './environment/configuration.ts'
import { type Access, clientConfiguration, packEnvironmentSegment } from './environment-segment.ts'
import { grubScript, grubScriptName } from './grub-script.ts'
import type { Log } from './log.ts'
import { type PublishedOs, type PublishedTorrent, publishHypervisors, publishOs } from './published.ts'
import { pxelinuxScriptName, pxelinuxScripts } from './pxelinux-script.ts'
import { writeError } from './write-error.ts'
import { writeWhole } from './write-whole.ts'

/** Names of the scripts. iPXE's EFI builds ask for `autoexec.ipxe` by themselves, beside their own boot file. */
export const scriptNames = {
  boot: 'boot.ipxe',
  autoexec: 'autoexec.ipxe',
  grub: grubScriptName,
  pxelinux: pxelinuxScriptName,
} as const
export const environmentName = 'environment.img'
/** What Phase-1 is told, for programs that are not Phase-1. */
export const clientConfigurationName = 'client.json'

export interface PublishOptions {
  readonly configuration: Configuration
  readonly client: ClientPackage
  /** IPv4 address of this host as machines see it. */
  readonly host: string
  readonly httpPort: number
  /** URLs of our own tracker, best first. */
  readonly announce: readonly string[]
  /** Folder in `out/` for the copy; left out: `out/` itself. */
  readonly folder?: string | undefined
  readonly log: Log
  readonly signal?: AbortSignal | undefined
}

export interface Publication {
  readonly published: readonly PublishedOs[]
  /** Everything that is to be seeded: the systems, and the hypervisors that they run in. */
  readonly torrents: readonly PublishedTorrent[]
  readonly files: BootFiles
}

/**
 * Makes and writes everything.
 *
 * @throws {BoottorrentError} FILE when something of the environment or the client cannot be read, or there is no room for
 *   `out/`; PERMISSION when this user may not write there; the reason of the signal when it is aborted.
 */
export async function publish(options: PublishOptions): Promise<Publication> {
  const { configuration } = options
  const record = path.join(configuration.directory, 'out', 'hashes')
  const settings = { ...options, record, trackers: configuration.tracker.others }
  const published: PublishedOs[] = []
  for (const os of configuration.oss) published.push(await publishOs(os, settings))
  const hypervisors = await publishHypervisors(options.client, published, settings)

  const client = clientConfiguration(
    configuration,
    { published, hypervisors },
    `http://${options.host}:${options.httpPort}/report`,
  )
  const script = scriptOptions(options)
  const made = [
    inMemory(scriptNames.boot, Buffer.from(bootScript(script))),
    inMemory(scriptNames.autoexec, Buffer.from(autoexecScript(script))),
    inMemory(scriptNames.grub, Buffer.from(grubScript(script))),
    ...[...pxelinuxScripts(script)].map(([name, text]) => inMemory(name, Buffer.from(text))),
    inMemory(
      environmentName,
      await packEnvironmentSegment(client, { published, hypervisors }, await accessOf(options)),
    ),
  ]
  // Another host that has a copy of the environment seeds the same torrents; see src/second-seed.
  const forOthers = [
    inMemory(clientConfigurationName, Buffer.from(`${JSON.stringify(client, null, 2)}\n`)),
    ...published.map(({ os, torrent }) => inMemory(torrentName(os.name), torrent)),
  ]
  await writeOut(path.join(configuration.directory, 'out', options.folder ?? ''), made, forOthers)
  const files = [...(await clientFiles(options.client)), ...made, ...forOthers]
  return { published, torrents: [...published, ...hypervisors], files: createBootFiles(files) }
}

/** Who may have a shell; remote help is also said to whoever starts the server. */
async function accessOf({ configuration, log }: PublishOptions): Promise<Access> {
  const { directory, client } = configuration
  if (!client.debug) return { shellPassword: client.shellPassword }
  const debugKey = await debugPublicKey(directory)
  const key = debugKeyFile(directory)
  const message = `remote help is on: ssh -i ${key} root@<address of a machine>`
  log({ level: 'warn', event: 'debug.on', message, key })
  return { shellPassword: client.shellPassword, debugKey }
}

/** Name of a system's torrent among the boot files. */
export function torrentName(os: string): string {
  return `torrents/${os}.torrent`
}

function scriptOptions({ client, configuration, host, httpPort }: PublishOptions): BootScriptOptions {
  const { kernels, segments } = client.manifest
  const filesOf = (flavour: KernelFlavour): BootFileNames => ({
    kernel: kernels[flavour].file,
    segments:
      configuration.boot.drivers === 'all'
        ? [segments.drivers[flavour], segments.otherDrivers[flavour].file]
        : [segments.drivers[flavour]],
  })
  return {
    host,
    httpPort,
    // Both consoles: a person sits at the screen, a server room or a test at the serial port. The last one is /dev/console.
    cmdline: 'console=ttyS0,115200 console=tty0 loglevel=4',
    kernels: { '686': filesOf('686'), '686-pae': filesOf('686-pae'), amd64: filesOf('amd64') },
    shared: [segments.base, ...optionalSegments(client, configuration), environmentName],
    secureBoot: segments.secureBoot,
  }
}

/** Segments that only some clients have, or that only some environments want. */
function optionalSegments({ manifest }: ClientPackage, { client }: Configuration): string[] {
  const { firmware, debug } = manifest.segments
  return [...(firmware === undefined ? [] : [firmware]), ...(client.debug ? [debug] : [])]
}

type Made = BootFile & { readonly bytes: Uint8Array }

function inMemory(name: string, bytes: Uint8Array): Made {
  return { name, size: bytes.length, bytes }
}

/** `out/` or a folder in it: the boot files that were made in `boot/`, and what is there for others. */
async function writeOut(out: string, made: readonly Made[], forOthers: readonly Made[]): Promise<void> {
  const files = [...made.map(({ name, bytes }) => ({ name: `boot/${name}`, bytes })), ...forOthers]
  try {
    for (const folder of ['boot', 'torrents']) {
      await mkdir(path.join(out, folder), { recursive: true })
      const kept = new Set(files.map(({ name }) => name.split('/', 2).join('/')))
      // Torrents of systems that are gone must not stay behind. The record of hashes beside them does.
      const gone = (await readdir(path.join(out, folder))).filter((name) => !kept.has(`${folder}/${name}`))
      for (const name of gone) await rm(path.join(out, folder, name), { recursive: true, force: true })
    }
    for (const { name, bytes } of files) {
      await mkdir(path.dirname(path.join(out, name)), { recursive: true })
      await writeWhole(path.join(out, name), bytes)
    }
  } catch (cause) {
    throw writeError(out, cause as NodeJS.ErrnoException)
  }
}
