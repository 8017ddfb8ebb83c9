/** What `add` makes of an image boots like every other system, through firmware, loader, Phase-1 and kexec. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { describe, it } from 'vitest'
import { addSystem } from '../../src/add/index.ts'
import { demoIntact, demoMarker, writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

const run = promisify(execFile)

it('an ISO image in the layout of a mini.iso boots with the command line of its menu', async () => {
  await using lab = await openLab(writeIsoEnvironment)
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac: '52:54:00:ad:d0:01' })
  await machine.waitFor(new RegExp(`^${demoMarker} .*greeting=hello-from-the-iso`), 180)
  await machine.waitFor(new RegExp(`^${demoIntact}`), 60)
}, 300_000)

/** The demo system as an image: kernel and initrd with a boot menu, made by xorriso. */
async function writeIsoEnvironment(directory: string): Promise<void> {
  const { interface: name, address, range } = labNetwork
  await writeDemoEnvironment(directory, await demoParts(), { style: 'version1', interface: name, address, range })
  const demo = join(directory, 'oss', 'demo')
  const root = join(directory, 'iso')
  await mkdir(root)
  for (const file of ['vmlinuz', 'initrd.img']) await rename(join(demo, file), join(root, file))
  await rm(demo, { recursive: true })
  await writeFile(
    join(root, 'isolinux.cfg'),
    `default install
label install
  menu label ^Start
  kernel vmlinuz
  append initrd=initrd.img console=tty0 console=ttyS0,115200 quiet greeting=hello-from-the-iso
`,
  )
  const image = join(directory, 'demo.iso')
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-V', 'DEMO', '-o', image, root])
  await addSystem({ environment: directory, sources: [image], name: 'demo' })
  await Promise.all([rm(root, { recursive: true }), rm(image)])
}

// Debian's packages are fetched, and systemd takes its time under emulation.
describe.runIf(process.env.BOOTTORRENT_TEST_ALL === '1')('a Debian system made by mmdebstrap', () => {
  it('reaches its login prompt as a tarball, and as a container image of two layers', async () => {
    await using lab = await openLab(writeDebianEnvironment)
    const options = { firmware: 'bios', memory: 1536 } as const
    await using tarball = await bootMachine(lab.lan, { ...options, mac: '52:54:00:ad:d0:02' })
    await using image = await bootMachine(lab.lan, { ...options, mac: '52:54:00:ad:d0:03' })
    await Promise.all([
      tarball.waitFor(/made-by-mmdebstrap login:/, 600),
      image.waitFor(/from-the-second-layer login:/, 600),
    ])
  }, 1_200_000)
})

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
