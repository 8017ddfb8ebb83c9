/**
 * A tiny system that boots with nothing downloaded from elsewhere: the kernel, tools and drivers of Phase-1 Linux, and a first
 * program of its own behind them.
 */
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { type ClientPackage, loadClientPackage } from '../client-package.ts'
import { type InitrdEntry, packInitrd } from '../initrd/index.ts'
import { packageRoot } from '../package-root.ts'
import { configurationText } from './configuration-text.ts'
import { writeNewFolder } from './new-folder.ts'
import type { PlannedFile, Start } from './plan.ts'

/** Both consoles; a person sits at the one that is named last. */
const CMDLINE = 'console=ttyS0,115200 console=tty0 quiet'

/** Where the package's own files lie in the system. */
const PROGRAMS = { init: 'init', shell: 'sbin/demo-shell' } as const

export interface DemoSystemOptions {
  /** Absolute path of the environment's folder. */
  readonly environment: string
  /** Its folder in oss/. */
  readonly name: string
  /** Path of the client's manifest.json. Left out: the one of the installed package. */
  readonly client?: string | undefined
}

/** What will be written, all of it found. */
export interface DemoSystem {
  /** @throws BoottorrentError USAGE when there is such a system already; FILE or PERMISSION when it cannot be written */
  write(): Promise<void>
}

/**
 * Looks for what the demo system is made of.
 *
 * @throws BoottorrentError CLIENT_MISSING
 */
export async function prepareDemoSystem({ environment, name, client }: DemoSystemOptions): Promise<DemoSystem> {
  const { start, files } = await planDemo(await loadClientPackage(client))
  const configuration = configurationText('Demo: a small Linux in memory', start, [
    'Made by "boottorrent init --demo" of the parts of Phase-1 Linux; remove this folder when it is not needed any more.',
  ])
  const parent = path.join(environment, 'oss')
  const signal = new AbortController().signal
  return {
    async write() {
      await writeNewFolder({ parent, name, files, configuration, onWritten: () => {}, signal })
    },
  }
}

async function planDemo({ directory, manifest }: ClientPackage): Promise<{ start: Start; files: PlannedFile[] }> {
  const { kernels, segments } = manifest
  const kernel = kernels.amd64.file
  const parts = [segments.base, segments.drivers.amd64]
  const own = await ownPart()
  const files = await Promise.all(
    [kernel, ...parts].map(async (name): Promise<PlannedFile> => {
      const file = path.join(directory, name)
      return { name, size: (await stat(file)).size, path: file }
    }),
  )
  return {
    start: { method: 'kexec', kernel, initrds: [...parts, own.name], cmdline: CMDLINE },
    files: [...files, own],
  }
}

/** The segment whose /init takes the place of that of Phase-1. */
async function ownPart(): Promise<PlannedFile> {
  const folder = path.join(packageRoot(), 'assets', 'demo-system')
  const entries = await Promise.all(
    Object.entries(PROGRAMS).map(async ([file, target]): Promise<InitrdEntry> => {
      return { path: target, mode: 0o755, content: await readFile(path.join(folder, file)) }
    }),
  )
  const chunks: Uint8Array[] = []
  for await (const chunk of packInitrd(entries)) chunks.push(chunk)
  const content = Buffer.concat(chunks)
  return {
    name: 'demo.cpio',
    size: content.length,
    async *bytes(read) {
      yield content
      read(content.length)
    },
  }
}
