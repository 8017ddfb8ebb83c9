/** What machines can download: torrents, and the folders that they are of. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { ClientPackage } from './client-package.ts'
import { loaderOf } from './elf.ts'
import type { OperatingSystem } from './environment/configuration.ts'
import { isSignedByDebian } from './kernel-signature.ts'
import type { Log, LogEntry } from './log.ts'
import { progressLog } from './progress-log.ts'
import { addTrackers, makeTorrent, type SeededTorrent } from './seeder/index.ts'
import { writeError } from './write-error.ts'

/** A folder and the torrent that carries it. */
export interface PublishedTorrent {
  /** Name of the folder and of the torrent. */
  readonly name: string
  /** Absolute path of the folder. */
  readonly directory: string
  /** The bytes of the .torrent file that machines get: it names all trackers. */
  readonly torrent: Uint8Array
  /** What our seeder is given. Its torrent names our own tracker only: the others can change while it is seeded. */
  readonly seeded: SeededTorrent
  /** 40 hexadecimal digits. */
  readonly infoHash: string
  /** Length of everything in the torrent, in bytes. */
  readonly bytes: number
}

export interface PublishedOs extends PublishedTorrent {
  readonly os: OperatingSystem
  /** Length of all its initrds together, in bytes. */
  readonly initrdBytes: number
  /** Length of its program, in bytes; 0 when it has none. */
  readonly programBytes: number
  /** Whether its kernel can be started under Secure Boot. */
  readonly signed: boolean
  /** The dynamic loader that its program names; null when it needs none. */
  readonly loader: string | null
}

/** QEMU and its screen for some of the client's kernels. */
export interface PublishedHypervisor extends PublishedTorrent {
  /** The releases of those kernels. */
  readonly kernels: readonly string[]
}

export interface TorrentSettings {
  /** URLs of our own tracker, best first. */
  readonly announce: readonly string[]
  /** URLs of other trackers, each a tier behind our own. */
  readonly trackers: readonly string[]
  /** Folder that remembers hashes. */
  readonly record: string
  readonly log: Log
  readonly signal?: AbortSignal | undefined
}

/** Makes the torrent of a system; its config.yaml stays here. */
export async function publishOs(os: OperatingSystem, settings: TorrentSettings): Promise<PublishedOs> {
  const { name, displayName, directory } = os
  const published = await publishFolder({ name, displayName, directory, exclude: ['config.yaml'] }, settings)
  const signed = os.method === 'kexec' && (await isSignedByDebian(path.join(directory, os.kernel)))
  const loader = os.method === 'program' ? await loaderOf(path.join(directory, os.program)) : undefined
  const initrdBytes = await lengthOf(directory, os.method === 'kexec' ? os.initrds : [])
  const programBytes = await lengthOf(directory, os.method === 'program' ? [os.program] : [])
  return { ...published, os, initrdBytes, programBytes, signed, loader: loader ?? null }
}

/** Length of some files together, in bytes. */
async function lengthOf(directory: string, names: readonly string[]): Promise<number> {
  const files = await Promise.all(names.map((name) => stat(path.join(directory, name))))
  return files.reduce((sum, { size }) => sum + size, 0)
}

/** Makes the torrents of the client's hypervisors, when there is a system that runs in one or with its libraries. */
export async function publishHypervisors(
  { directory, manifest }: ClientPackage,
  published: readonly PublishedOs[],
  settings: TorrentSettings,
): Promise<PublishedHypervisor[]> {
  if (!published.some(({ os, loader }) => os.method === 'qemu' || loader !== null)) return []
  const hypervisors: PublishedHypervisor[] = []
  for (const { folder: name, kernels } of manifest.hypervisors) {
    const folder = { name, displayName: name, directory: path.join(directory, name), exclude: [] }
    hypervisors.push({ ...(await publishFolder(folder, settings)), kernels })
  }
  return hypervisors
}

interface Folder {
  readonly name: string
  readonly displayName: string
  readonly directory: string
  readonly exclude: string[]
}

async function publishFolder(folder: Folder, settings: TorrentSettings): Promise<PublishedTorrent> {
  const { name, displayName, directory, exclude } = folder
  const { announce, trackers, record, log, signal } = settings
  log({ level: 'debug', event: 'torrent.making', message: `making the torrent of ${name}`, os: name })
  const made = await makeTorrent({
    name,
    directory,
    announce: [...announce],
    exclude,
    record,
    signal,
    onProgress: progressLog(name, log),
  })
  const { infoHash, bytes, unrecorded } = made
  if (unrecorded !== undefined) log(unrecordedEntry(name, record, unrecorded))
  const message = `${displayName}: ${(bytes / 1e6).toFixed(1)} MB, info-hash ${infoHash}`
  log({ level: 'info', event: 'torrent.made', message, os: name, bytes, infoHash })
  const torrent = addTrackers(made.torrent, trackers)
  const seeded = { torrent: made.torrent, directory: path.dirname(directory), trackers }
  return { name, directory, torrent, seeded, infoHash, bytes }
}

function unrecordedEntry(os: string, folder: string, error: NodeJS.ErrnoException): LogEntry {
  const { message: reason, hint = '' } = writeError(folder, error)
  const message = `The hashes of ${os} could not be remembered, so it is read again at the next start: ${reason} ${hint}`
  return { level: 'warn', event: 'torrent.unrecorded', message: message.trimEnd(), os, reason }
}
