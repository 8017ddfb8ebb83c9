/** What the checks are told of this computer. Each check says what it needs; tests bring their own. */
import { execFile } from 'node:child_process'
import { open, readdir, rm, stat, statfs } from 'node:fs/promises'
import { freemem } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { loadClientPackage } from '../client-package.ts'
import { findDhcpServers } from '../dhcp/index.ts'
import { hostInterfaces } from '../environment/index.ts'
import { findPortHolder, isPortTaken } from '../port-holder.ts'
import type { ClientFacts } from './client.ts'
import type { DhcpFacts } from './dhcp-servers.ts'
import type { DiskFacts } from './disk.ts'
import type { FirewallFacts, PrintedRules } from './firewall/index.ts'
import type { ImageFacts } from './images.ts'
import type { InterfaceFacts, LinkState } from './interfaces.ts'
import type { MemoryFacts } from './memory.ts'
import { tryPort } from './port-trial.ts'
import type { PortFacts } from './ports.ts'

export type Facts = InterfaceFacts &
  PortFacts &
  DhcpFacts &
  FirewallFacts &
  MemoryFacts &
  DiskFacts &
  ClientFacts &
  ImageFacts

export interface FactsOptions {
  readonly isServed: PortFacts['isServed']
  /** Path of the client's manifest.json. Left out: the one of the installed package. */
  readonly client?: string | undefined
}

/** As this computer has them. */
export function factsOfThisComputer({ isServed, client }: FactsOptions): Facts {
  return {
    platform: process.platform,
    interfaces: hostInterfaces,
    linkState,
    tryPort,
    isPortTaken: ({ transport, address, port }) => isPortTaken(transport, address, port),
    portHolder: ({ transport, address, port }) => findPortHolder(transport, address, port),
    isServed,
    dhcpServers: (address) => findDhcpServers({ address }),
    firewallRules: async () => ({
      nft: await printed('nft', '-j', 'list', 'ruleset'),
      iptables: await printed('iptables-save'),
    }),
    // What is left to this process, and what is left to all of them.
    availableMemory: () => Math.min(process.availableMemory(), freemem()),
    isFolder: async (folder) => (await statOf(folder))?.isDirectory() ?? false,
    tryWrite,
    freeSpace: async (folder) => {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    },
    clientPackage: () => loadClientPackage(client),
    fileSize: async (file) => (await statOf(file))?.size,
    filesIn,
  }
}

/** Flags of a network device as netdevice(7) names them: LOWER_UP means that there is a carrier. */
async function linkState(name: string): Promise<LinkState | undefined> {
  const shown = await printed('ip', '-j', 'link', 'show', 'dev', name)
  if (typeof shown !== 'object') return undefined
  const [link] = JSON.parse(shown.text) as { flags?: string[] }[]
  if (link?.flags === undefined) return undefined
  if (!link.flags.includes('UP')) return 'off'
  return link.flags.includes('LOWER_UP') ? 'up' : 'unplugged'
}

async function tryWrite(folder: string): Promise<void> {
  const file = path.join(folder, `.doctor-${process.pid}.unfinished`)
  const handle = await open(file, 'wx')
  try {
    await handle.writeFile(Buffer.alloc(64 * 1024))
    // Some disks tell only now that they are full.
    await handle.sync()
  } finally {
    await handle.close()
    await rm(file, { force: true })
  }
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, number>> {
  const entries = await readdir(folder, { recursive: true })
  const files = await Promise.all(
    entries.map(async (name): Promise<[string, number][]> => {
      const stats = await statOf(path.join(folder, name))
      return stats?.isFile() ? [[name.split(path.sep).join('/'), stats.size]] : []
    }),
  )
  return new Map(files.flat())
}

function statOf(file: string) {
  return stat(file).catch(() => undefined)
}

/** Milliseconds that a program may take to show what it knows. */
const PATIENCE = 5000

/** Runs a program of the system, which for ordinary users may lie outside of their search path. */
async function printed(program: string, ...words: readonly string[]): Promise<PrintedRules> {
  const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
  try {
    const { stdout } = await promisify(execFile)(program, words, { env, timeout: PATIENCE, maxBuffer: 16 << 20 })
    return { text: stdout }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'refused'
  }
}
