/**
 * The environment of a demo: one system. For simulated machines its files are noise: nobody runs it, it is there to be
 * downloaded. For virtual machines it is the small Linux of `init --demo`, with noise beside it.
 */
import { createCipheriv } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { prepareDemoSystem } from '../add/demo-system.ts'
import { BoottorrentError } from '../errors.ts'
import { writeError } from '../write-error.ts'
import type { DemoAddresses } from './addresses.ts'
import type { DemoPorts } from './ports.ts'
import type { VirtualPc } from './vm/network.ts'

export interface DemoEnvironment extends AsyncDisposable {
  readonly directory: string
  /** The folder of the system. */
  readonly image: string
}

/** Name of the system. */
export const SYSTEM = 'demo'
/** A kernel is a small part of a system. */
const LARGEST_KERNEL = 1_000_000
const PART = 1_000_000

export interface EnvironmentOptions {
  /** Size of the system. */
  readonly bytes: number
  readonly addresses: DemoAddresses
  readonly ports: DemoPorts
  /** Machines that run what they download. */
  readonly virtual: readonly VirtualPc[]
}

/**
 * Writes it to a temporary folder, which is gone when the process is, however it ends.
 *
 * @throws BoottorrentError CLIENT_MISSING; USAGE when a system of so many bytes cannot be run
 */
export async function makeEnvironment(options: EnvironmentOptions): Promise<DemoEnvironment> {
  const { bytes, virtual } = options
  const directory = await mkdtemp(path.join(tmpdir(), 'boottorrent-demo-')).catch((cause) => {
    throw notWritten(cause)
  })
  const removeAtOnce = () => rmSync(directory, { recursive: true, force: true })
  process.once('exit', removeAtOnce)
  const image = path.join(directory, 'oss', SYSTEM)
  const remove = async () => {
    await rm(directory, { recursive: true, force: true })
    process.off('exit', removeAtOnce)
  }
  try {
    await writeFile(path.join(directory, 'Boottorrent.yaml'), settings(options))
    if (virtual.length === 0) await writeNoisySystem(image, bytes)
    else await writeRealSystem(directory, image, bytes)
    return { directory, image, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error instanceof BoottorrentError ? error : notWritten(error as NodeJS.ErrnoException)
  }
}

function notWritten(cause: NodeJS.ErrnoException): BoottorrentError {
  const { code, message } = writeError(tmpdir(), cause)
  const hint = 'Make room there, set TMPDIR to a folder that this user can write to, or choose a smaller --size.'
  return new BoottorrentError(code, message, { hint, cause })
}

const system = `dispname: Demo system
method: kexec
kernel: vmlinuz
initrd: image.img
`

async function writeNoisySystem(image: string, bytes: number): Promise<void> {
  await mkdir(image, { recursive: true })
  await writeFile(path.join(image, 'config.yaml'), system)
  const kernel = Math.min(LARGEST_KERNEL, Math.floor(bytes / 4))
  await writeNoise(path.join(image, 'vmlinuz'), kernel, 1)
  await writeNoise(path.join(image, 'image.img'), bytes - kernel, 2)
}

async function writeRealSystem(environment: string, image: string, bytes: number): Promise<void> {
  const system = await prepareDemoSystem({ environment, name: SYSTEM })
  await system.write()
  const files = (await readdir(image)).filter((name) => name !== 'config.yaml')
  const sizes = await Promise.all(files.map(async (name) => (await stat(path.join(image, name))).size))
  const needed = sizes.reduce((sum, size) => sum + size, 0)
  if (needed > bytes) {
    const least = Math.ceil(needed / 1e6)
    throw new BoottorrentError('USAGE', `What virtual machines run does not fit into ${bytes / 1e6} MB.`, {
      hint: `Write --size ${least}MB or more, or leave --vm out.`,
    })
  }
  if (needed < bytes) await writeNoise(path.join(image, 'noise.img'), bytes - needed, 2)
}

function settings({ addresses, ports, virtual }: EnvironmentOptions): string {
  const { interface: name, host, first, last } = addresses
  const rules = virtual.map((one) => `  - { mac: "${one.mac}", address: ${one.address}, hostname: ${one.hostname} }\n`)
  return `version: 1

boot:
  default: ${SYSTEM}
  timeout: 0

network:
  interface: ${name}
  host_ip: ${host}
  mode: dhcp
  range: ${first},${last}

tftp: { port: ${ports.tftp} }
http: { port: ${ports.http} }
tracker: { port: ${ports.tracker} }
seeder: { port: ${ports.seeder} }
${rules.length === 0 ? '' : `\nmachines:\n${rules.join('')}`}`
}

/** Bytes of which no piece is like another, and that are the same each time. */
async function writeNoise(file: string, bytes: number, seed: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16))
  const zeros = Buffer.alloc(PART)
  await using handle = await open(file, 'w')
  for (let left = bytes; left > 0; left -= PART) {
    await handle.write(cipher.update(zeros.subarray(0, Math.min(PART, left))))
  }
}
