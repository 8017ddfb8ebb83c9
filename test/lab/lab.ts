import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KernelFlavour } from '../../client/contract.ts'
import { loadClientPackage } from '../../src/client-package.ts'
import { createLan, type Lan } from '../../src/demo/vm/lan.ts'
import { type BootServerProcess, type ServerOptions, startBoottorrent } from './boot-server.ts'
import type { DemoParts } from './demo-environment.ts'

/** A LAN with boottorrent serving an environment on it: what every boot needs. */
export interface Lab {
  readonly lan: Lan
  /** Folder of the environment that is served. */
  readonly environment: string
  readonly server: BootServerProcess
  /** Starts boottorrent once more on the same LAN and environment; resolves when it is up. */
  startAgain(): Promise<BootServerProcess>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Where the server and the machines are on the LAN. */
export const labNetwork = {
  interface: 'lan0',
  address: '172.30.0.1',
  prefix: 24,
  range: ['172.30.0.50', '172.30.0.150'],
} as const

/** Seconds until the server must be up: it hashes what it serves first. */
const startTimeout = 60

/**
 * Opens a lab. `write` puts the environment into an empty folder, which is removed when the lab closes; programs that it needs
 * for that can run on the LAN.
 */
export async function openLab(
  write: (directory: string, lan: Lan) => Promise<unknown>,
  options: ServerOptions = {},
): Promise<Lab> {
  await using opened = new AsyncDisposableStack()
  const environment = await mkdtemp(join(tmpdir(), 'boottorrent-lab-'))
  opened.defer(() => rm(environment, { recursive: true, force: true }))
  const lan = opened.use(
    await createLan({ interface: labNetwork.interface, address: `${labNetwork.address}/${labNetwork.prefix}` }),
  )
  await write(environment, lan)
  const startAgain = async () => {
    const process = await startBoottorrent(lan, environment, options)
    await process.waitForEvent('server.ready', startTimeout)
    return process
  }
  const server = opened.use(await startAgain())
  const kept = opened.move()
  const close = () => kept.disposeAsync()
  return { lan, environment, server, startAgain, close, [Symbol.asyncDispose]: close }
}

/** The parts of the built client that the demo system is made of, with one of its kernels. */
export async function demoParts(flavour: KernelFlavour = 'amd64'): Promise<DemoParts> {
  const { directory, manifest } = await loadClientPackage()
  return { kernel: join(directory, manifest.kernels[flavour].file), base: join(directory, manifest.segments.base) }
}
