/** What the checks are told of this computer. Each check says what it needs; tests bring their own. */
import { open, readdir, rm, stat, statfs } from 'node:fs/promises'
import { freemem } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { loadClientPackage } from '../client-package.ts'
import { findDhcpServers } from '../dhcp/index.ts'
import { hostInterfaces } from '../environment/index.ts'
import { ask } from '../platform/ask.ts'
import { hints, platform } from '../platform/index.ts'
import type { ClientFacts } from './client.ts'
import type { DhcpFacts } from './dhcp-servers.ts'
import type { DiskFacts } from './disk.ts'
import type { FirewallFacts } from './firewall/index.ts'
import type { ImageFacts } from './images.ts'
import type { InterfaceFacts } from './interfaces.ts'
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
    hints,
    interfaces: hostInterfaces,
    linkState: platform.linkState,
    tryPort,
    isPortTaken: ({ transport, address, port }) => platform.isPortTaken(transport, address, port),
    portHolder: ({ transport, address, port }) => platform.portHolder(transport, address, port),
    isServed,
    dhcpServers: (address) => findDhcpServers({ address }),
    firewallRules: async () => ({
      nft: await ask('nft', '-j', 'list', 'ruleset'),
      iptables: await ask('iptables-save'),
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
