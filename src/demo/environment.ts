/** The environment of a demo: one system, whose files are noise. Nobody runs it; it is there to be downloaded. */
import { createCipheriv } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import { writeError } from '../write-error.ts'
import type { DemoAddresses } from './addresses.ts'
import type { DemoPorts } from './ports.ts'

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

/** Writes it to a temporary folder, which is gone when the process is, however it ends. */
export async function makeEnvironment(
  bytes: number,
  addresses: DemoAddresses,
  ports: DemoPorts,
): Promise<DemoEnvironment> {
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
    await mkdir(image, { recursive: true })
    await writeFile(path.join(directory, 'Boottorrent.yaml'), settings(addresses, ports))
    await writeFile(path.join(image, 'config.yaml'), system)
    const kernel = Math.min(LARGEST_KERNEL, Math.floor(bytes / 4))
    await writeNoise(path.join(image, 'vmlinuz'), kernel, 1)
    await writeNoise(path.join(image, 'image.img'), bytes - kernel, 2)
    return { directory, image, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw notWritten(error as NodeJS.ErrnoException)
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

function settings({ host, first, last }: DemoAddresses, ports: DemoPorts): string {
  return `version: 1

boot:
  default: ${SYSTEM}
  timeout: 0

network:
  interface: lo
  host_ip: ${host}
  mode: dhcp
  range: ${first},${last}

tftp: { port: ${ports.tftp} }
http: { port: ${ports.http} }
tracker: { port: ${ports.tracker} }
seeder: { port: ${ports.seeder} }
`
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
