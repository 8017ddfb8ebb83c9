/** A Debian system that mmdebstrap has made, added by `add`. Its packages are fetched, and systemd takes its time under emulation. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { it } from 'vitest'
import { addSystem } from '../../src/add/index.ts'
import { labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

const run = promisify(execFile)

it('reaches its login prompt as a tarball, and as a container image of two layers', async () => {
  await using lab = await openLab(writeDebianEnvironment)
  const options = { firmware: 'bios', memory: 1536 } as const
  await using tarball = await bootMachine(lab.lan, { ...options, mac: '52:54:00:ad:d0:02' })
  await using image = await bootMachine(lab.lan, { ...options, mac: '52:54:00:ad:d0:03' })
  // getty's greeting: the prompt behind it has no end of line.
  await Promise.all([
    tarball.waitFor(/^Debian GNU\/Linux 12 made-by-mmdebstrap ttyS0/, 600),
    image.waitFor(/^Debian GNU\/Linux 12 from-the-second-layer ttyS0/, 600),
  ])
}, 1_200_000)

async function writeDebianEnvironment(directory: string): Promise<void> {
  const rootfs = join(directory, 'rootfs.tar')
  const words = ['--variant=minbase', '--include=systemd-sysv,udev', '--quiet']
  const named = '--customize-hook=echo made-by-mmdebstrap > "$1/etc/hostname"'
  await run('mmdebstrap', [...words, named, 'bookworm', rootfs], { maxBuffer: 64 << 20 })
  await writeFile(join(directory, 'Boottorrent.yaml'), debianSettings)
  await addSystem({ environment: directory, sources: [rootfs], name: 'tarball' })

  const image = join(directory, 'image')
  await writeImageLayout(image, rootfs, await archiveOf('etc/hostname', 'from-the-second-layer\n'))
  await addSystem({ environment: directory, sources: [image], name: 'image' })
  await Promise.all([rm(image, { recursive: true }), rm(rootfs)])
}

const debianSettings = `version: 1
boot:
  default: tarball
  timeout: 1
  seed_time: 0
network:
  interface: ${labNetwork.interface}
  mode: dhcp
  range: ${labNetwork.range.join(',')}
machines:
  - mac: 52:54:00:ad:d0:03
    default: image
`

async function archiveOf(name: string, content: string): Promise<Buffer> {
  const archive = pack()
  archive.entry({ name }, content)
  archive.finalize()
  const parts: Uint8Array[] = []
  for await (const part of archive as AsyncIterable<Uint8Array>) parts.push(part)
  return Buffer.concat(parts)
}

/** An OCI image layout (image-spec 1.1) of a system and a layer on top of it. */
async function writeImageLayout(folder: string, system: string, layer: Buffer): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const write = async (bytes: Uint8Array) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await writeFile(join(blobs, sha256), bytes)
    return { digest: `sha256:${sha256}`, size: bytes.length }
  }
  const json = (value: object) => write(Buffer.from(JSON.stringify(value)))
  const layers = [await write(await readFile(system)), await write(gzipSync(layer))]
  const config = await json({ architecture: 'amd64', os: 'linux', config: {} })
  const manifest = await json({ schemaVersion: 2, config, layers })
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
}
