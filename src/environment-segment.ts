/** Packs the initrd segment that tells Phase-1 what this environment offers: its configuration and the torrents. */
import type { ClientConfiguration, ClientMachineRule, ClientOs } from '../client/contract.ts'
import type { Configuration, MachineRule } from './environment/configuration.ts'
import { type InitrdEntry, packInitrd } from './initrd/index.ts'
import type { PublishedHypervisor, PublishedOs } from './published.ts'

/** Everything that machines can be told of. */
export interface Offer {
  readonly published: readonly PublishedOs[]
  readonly hypervisors: readonly PublishedHypervisor[]
}

/** Who gets a shell on machines. */
export interface Access {
  /** Hash of root's password: by it alone a shell opens on a console when the configuration says so. */
  readonly shellPassword?: string | undefined
  /** Whoever has this SSH key gets one from afar: a line of `authorized_keys`. */
  readonly debugKey?: string | undefined
}

/** What Phase-1's TUI needs to know of the environment. */
export function clientConfiguration(
  configuration: Configuration,
  { published, hypervisors }: Offer,
  reportUrl: string,
): ClientConfiguration {
  const { lpd, dht, pex, checkIntegrity, logLevel } = configuration.client
  return {
    version: 1,
    reportUrl,
    timeout: configuration.boot.timeout,
    defaultOs: configuration.boot.defaultOs ?? null,
    seedTime: configuration.boot.seedTime,
    aria2: { lpd, dht, pex, checkIntegrity, logLevel },
    shell: shellOf(configuration),
    oss: published.map(clientOs),
    hypervisors: hypervisors.map(({ name, kernels, bytes, infoHash }) => ({ name, kernels, bytes, infoHash })),
    machines: configuration.machines.map(clientRule),
  }
}

function shellOf({ client }: Configuration): ClientConfiguration['shell'] {
  if (!client.shell) return 'off'
  return client.shellPassword === undefined ? 'open' : 'password'
}

function clientRule({ match, defaultOs, timeout, cmdline }: MachineRule): ClientMachineRule {
  return { match: inLowerCase(match), defaultOs: defaultOs ?? null, timeout: timeout ?? null, cmdline: cmdline ?? null }
}

function inLowerCase(match: MachineRule['match']): MachineRule['match'] {
  if ('mac' in match) return { mac: match.mac.toLowerCase() }
  return 'uuid' in match ? { uuid: match.uuid.toLowerCase() } : match
}

function clientOs({ os, infoHash, bytes, initrdBytes, programBytes, signed, loader }: PublishedOs): ClientOs {
  const common = { name: os.name, displayName: os.displayName, bytes, infoHash }
  switch (os.method) {
    case 'kexec': {
      const { kernel, initrds, cmdline } = os
      return { ...common, method: os.method, kernel, initrds, initrdBytes, cmdline, signed }
    }
    case 'qemu':
      return { ...common, method: os.method, args: os.args }
    case 'program':
      return { ...common, method: os.method, program: os.program, programBytes, loader, args: os.args }
  }
}

/**
 * The segment as one newc archive, not compressed: torrents are mostly hashes, and so small that it does not matter.
 *
 * @param access who gets a shell beside those whom the configuration lets have one
 * @throws {BoottorrentError} FORMAT when a name cannot be packed.
 */
export async function packEnvironmentSegment(
  client: ClientConfiguration,
  { published, hypervisors }: Offer,
  access: Access = {},
): Promise<Uint8Array> {
  const entries: InitrdEntry[] = [
    { path: 'boottorrent', type: 'directory' },
    { path: 'boottorrent/config.json', content: `${JSON.stringify(client, null, 2)}\n` },
    { path: 'boottorrent/torrents', type: 'directory' },
    ...published.map(({ name, torrent }) => ({ path: `boottorrent/torrents/${name}.torrent`, content: torrent })),
    // Apart from those: a system may have the same name.
    { path: 'boottorrent/hypervisors', type: 'directory' },
    ...hypervisors.map(({ name, torrent }) => ({ path: `boottorrent/hypervisors/${name}.torrent`, content: torrent })),
    ...accessEntries(access),
  ]
  const parts: Uint8Array[] = []
  for await (const part of packInitrd(entries)) parts.push(part)
  return Buffer.concat(parts)
}

function accessEntries({ shellPassword, debugKey }: Access): InitrdEntry[] {
  // Where `sulogin` finds the password of root (shadow(5)).
  const shadow: InitrdEntry[] = [
    { path: 'etc', type: 'directory' },
    { path: 'etc/shadow', mode: 0o600, content: `root:${shellPassword}:::::::\n` },
  ]
  const key: InitrdEntry[] = [
    { path: 'root', type: 'directory', mode: 0o700 },
    { path: 'root/.ssh', type: 'directory', mode: 0o700 },
    { path: 'root/.ssh/authorized_keys', mode: 0o600, content: debugKey ?? '' },
  ]
  return [...(shellPassword === undefined ? [] : shadow), ...(debugKey === undefined ? [] : key)]
}
