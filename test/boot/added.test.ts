/** What `add` makes of an image boots like every other system, through firmware, loader, Phase-1 and kexec. */
import { execFile } from 'node:child_process'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { it } from 'vitest'
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
