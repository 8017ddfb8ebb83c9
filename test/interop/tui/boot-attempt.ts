import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientConfiguration, ClientOs } from '../../../client/contract.ts'
import { Attempt } from '../../../client/tui/attempt.ts'
import { Journal } from '../../../client/tui/journal.ts'
import { Reporter } from '../../../client/tui/reporter.ts'
import { emptyMemory } from '../../../client/tui/room.ts'
import { readSettings } from '../../../client/tui/settings.ts'
import type { State } from '../../../client/tui/state.ts'
import type { System } from '../../../client/tui/system.ts'
import { system as nodeSystem } from '../../../client/tui/system-node.ts'

export interface BootAttemptOptions {
  /** Empty folder for what it downloads and writes. */
  readonly folder: string
  /** Folder of the `.torrent` files. */
  readonly torrents: string
  readonly aria2c: string
  readonly os: Pick<ClientOs, 'name' | 'bytes' | 'infoHash'> & { readonly kernel: string }
  readonly seedTime: number
  /** Where it reports to, and as whom; nowhere when left out. */
  readonly host?: { readonly url: string; readonly mac: string }
  readonly onChange?: (state: State) => void
  /** Its timers; real ones when left out. */
  readonly after?: System['after']
}

/** The logic of a machine, on this one, with a kexec that does nothing: so every attempt ends with a kernel that does not start. */
export async function createBootAttempt(options: BootAttemptOptions): Promise<{ attempt: Attempt; lines: string[] }> {
  const { folder, torrents, aria2c, seedTime, host, onChange = () => {}, after = nodeSystem.after } = options
  const settings: Readonly<Record<string, string>> = {
    BT_TORRENTS: torrents,
    BT_DOWNLOADS: join(folder, 'oss'),
    BT_ARIA2C: aria2c,
    BT_ARIA2_LOG: join(folder, 'aria2.log'),
    BT_KEXEC: '/bin/true',
  }
  await mkdir(join(folder, 'oss'))
  const system: System = { ...nodeSystem, after, env: (name) => settings[name] }
  const os = {
    ...options.os,
    displayName: 'Demo',
    method: 'kexec',
    signed: true,
    initrds: [],
    initrdBytes: 0,
    cmdline: '',
  } as const
  const configuration: ClientConfiguration = {
    version: 1,
    reportUrl: '',
    timeout: 0,
    defaultOs: os.name,
    seedTime,
    aria2: { lpd: false, dht: false, pex: false, checkIntegrity: false, logLevel: 'warn' },
    shell: 'open',
    oss: [os],
    hypervisors: [],
    machines: [],
  }
  const lines: string[] = []
  const journal = new Journal(
    (line) => lines.push(line),
    new Reporter(system, host?.url ?? '', { mac: host?.mac ?? '' }),
  )
  const consoles = { first: '', lend: () => true, takeBack: () => {}, release: () => {}, settled: async () => {} }
  const surroundings = { system, settings: readSettings(system), journal, consoles }
  const attempt = new Attempt(surroundings, configuration, { os, terminal: '' }, emptyMemory(), onChange)
  return { attempt, lines }
}
