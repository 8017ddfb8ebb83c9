/** Packs the initrd segment that tells Phase-1 what this environment offers: its configuration and the torrents. */
import type { ClientConfiguration, ClientMachineRule, ClientOs } from '../client/contract.ts'
import type { Configuration, MachineRule, OperatingSystem } from './environment/configuration.ts'
import { type InitrdEntry, packInitrd } from './initrd/index.ts'

/** An operating system and the torrent that carries it. */
export interface PublishedOs {
  readonly os: OperatingSystem
  /** The bytes of the .torrent file. */
  readonly torrent: Uint8Array
  /** 40 hexadecimal digits. */
  readonly infoHash: string
  /** Length of everything in the torrent, in bytes. */
  readonly bytes: number
  /** Whether its kernel can be started under Secure Boot. */
  readonly signed: boolean
}

/** What Phase-1's TUI needs to know of the environment. */
export function clientConfiguration(
  configuration: Configuration,
  published: readonly PublishedOs[],
  reportUrl: string,
): ClientConfiguration {
  return {
    version: 1,
    reportUrl,
    timeout: configuration.boot.timeout,
    defaultOs: configuration.boot.defaultOs ?? null,
    seedTime: configuration.boot.seedTime,
    aria2: configuration.client,
    oss: published.map(clientOs),
    machines: configuration.machines.map(clientRule),
  }
}

function clientRule({ match, defaultOs, timeout, cmdline }: MachineRule): ClientMachineRule {
  return { match: inLowerCase(match), defaultOs: defaultOs ?? null, timeout: timeout ?? null, cmdline: cmdline ?? null }
}

function inLowerCase(match: MachineRule['match']): MachineRule['match'] {
  if ('mac' in match) return { mac: match.mac.toLowerCase() }
  return 'uuid' in match ? { uuid: match.uuid.toLowerCase() } : match
}

function clientOs({ os, infoHash, bytes, signed }: PublishedOs): ClientOs {
  const common = { name: os.name, displayName: os.displayName, bytes, infoHash }
  switch (os.method) {
    case 'kexec':
      return { ...common, method: os.method, kernel: os.kernel, initrds: os.initrds, cmdline: os.cmdline, signed }
    case 'qemu':
      return { ...common, method: os.method, args: os.args }
    case 'program':
      return { ...common, method: os.method, program: os.program, args: os.args }
  }
}

/**
 * The segment as one newc archive, not compressed: torrents are mostly hashes, and so small that it does not matter.
 *
 * @throws {BoottorrentError} FORMAT when a name cannot be packed.
 */
export async function packEnvironmentSegment(
  client: ClientConfiguration,
  published: readonly PublishedOs[],
): Promise<Uint8Array> {
  const entries: InitrdEntry[] = [
    { path: 'boottorrent', type: 'directory' },
    { path: 'boottorrent/config.json', content: `${JSON.stringify(client, null, 2)}\n` },
    { path: 'boottorrent/torrents', type: 'directory' },
    ...published.map(({ os, torrent }) => ({ path: `boottorrent/torrents/${os.name}.torrent`, content: torrent })),
  ]
  const parts: Uint8Array[] = []
  for await (const part of packInitrd(entries)) parts.push(part)
  return Buffer.concat(parts)
}
