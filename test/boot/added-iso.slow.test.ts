/**
 * An ISO image in the style of each family of distributions, from its boot menu to its running kernel. Their own user space
 * cannot be had here: what stands in its place says which command line it got, from which image.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, it } from 'vitest'
import { addSystem } from '../../src/add/index.ts'
import { demoInitrd, demoIntact, demoMarker } from '../lab/demo-environment.ts'
import { type IsoFamily, isoFamilies, writeIso } from '../lab/iso.ts'
import { demoParts, type Lab, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

let lab: Lab
beforeAll(async () => {
  lab = await openLab(writeIsoEnvironment)
}, 120_000)
afterAll(() => lab?.close())

it.each(isoFamilies)(
  'boots the kernel and initrd of $name with the command line of its menu',
  async (family) => {
    await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac: macOf(family) })
    await machine.waitFor(new RegExp(`^${demoMarker} .*${family.cmdline} family=${family.name}`), 240)
    await machine.waitFor(new RegExp(`^${demoIntact}`), 60)
  },
  360_000,
)

/** Every family is a system, and the first that one machine starts. */
async function writeIsoEnvironment(directory: string): Promise<void> {
  const { kernel, base } = await demoParts()
  const initrd = await demoInitrd(base, 1024)
  const rules = isoFamilies.map((family) => `  - { mac: ${macOf(family)}, default: ${family.name} }`)
  await writeFile(join(directory, 'Boottorrent.yaml'), `${settings}machines:\n${rules.join('\n')}\n`)
  for (const { name, cmdline, files } of isoFamilies) {
    const image = join(directory, `${name}.iso`)
    const words = `${cmdline} family=${name} console=tty0 console=ttyS0,115200`
    await writeIso(image, { label: name.toUpperCase(), files: files(words), parts: { kernel, initrd } })
    await addSystem({ environment: directory, sources: [image], name, method: 'kexec' })
  }
}

const settings = `version: 1
boot:
  default: ${isoFamilies[0]?.name}
  timeout: 1
  seed_time: 0
network:
  interface: ${labNetwork.interface}
  mode: dhcp
  range: ${labNetwork.range.join(',')}
`

function macOf(family: IsoFamily): string {
  return `52:54:00:ad:15:0${isoFamilies.indexOf(family)}`
}
