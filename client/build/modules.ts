/** Which kernel modules the segments of drivers need: the chosen ones and what they depend on. */

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { withoutSignature } from './module-signature.ts'
import { run } from './run.ts'

/**
 * Network cards that most machines of the last 25 years have, wired. Every machine loads these, so what is large and rare
 * is not among them: ixgbe (servers), b44 (its bus brings MMC and PCMCIA along).
 */
const NETWORK = `
  virtio_net e1000 e1000e igb igc r8169 8139too 8139cp tg3 bnx2 atl1 atl1c atl1e atl2 alx sky2 skge forcedeth
  via-rhine via-velocity e100 pcnet32 ne2k-pci 3c59x sis900 sis190 tulip dmfe natsemi epic100 sundance starfire jme
  vmxnet3 xen-netfront hv_netvsc amd8111e r6040 fealnx usbnet asix ax88179_178a r8152 cdc_ether cdc_ncm smsc75xx
  smsc95xx rndis_host`

/** Their transceivers, which no network card names as a dependency. */
const TRANSCEIVERS = 'realtek broadcom bcm-phy-lib marvell smsc'

/** What the cards and the keyboard are attached to. */
const BUSES = `
  virtio_pci virtio_rng hv_vmbus ehci-pci ehci-hcd ohci-pci ohci-hcd uhci-hcd xhci-pci
  xhci-hcd`

/** The menu wants a keyboard. PS/2 is built into the kernel. */
const KEYBOARDS = 'usbhid hid hid-generic hyperv-keyboard'

/** Everything the segment of common drivers holds besides dependencies. */
export const COMMON = [NETWORK, TRANSCEIVERS, BUSES, KEYBOARDS].join(' ').trim().split(/\s+/)

/** Where all other drivers for wired network cards are, and for their transceivers. */
const NETWORK_FOLDERS = ['ethernet', 'usb', 'phy', 'fddi'].map((name) => `kernel/drivers/net/${name}/`)

/** One kernel's modules: name (with `_`) → path below /lib/modules/<release>, and the paths each one depends on. */
export interface ModuleTree {
  readonly paths: ReadonlyMap<string, string>
  readonly dependencies: ReadonlyMap<string, readonly string[]>
}

/** Reads `modules.dep` of depmod(8): `path: dependency dependency…`, with dependencies already complete. */
export function parseModulesDep(text: string): ModuleTree {
  const paths = new Map<string, string>()
  const dependencies = new Map<string, readonly string[]>()
  for (const line of text.split('\n')) {
    const match = /^([^:]+):\s*(.*)$/.exec(line)
    if (!match) continue
    const [, path = '', needed = ''] = match
    paths.set(moduleName(path), path)
    dependencies.set(path, needed === '' ? [] : needed.split(/\s+/))
  }
  return { paths, dependencies }
}

/** `-` and `_` are the same in a module's name. */
export function moduleName(path: string): string {
  const file = path.split('/').at(-1) ?? path
  return file.replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_')
}

/**
 * Paths of the wanted modules and everything they depend on, sorted. A wanted module that this kernel does not have (built in, or
 * not for this CPU) is named in `missing`.
 */
export function moduleClosure(tree: ModuleTree, wanted: readonly string[]): { paths: string[]; missing: string[] } {
  const paths = new Set<string>()
  const missing: string[] = []
  for (const name of wanted) {
    const path = tree.paths.get(moduleName(name))
    if (path === undefined) {
      missing.push(name)
      continue
    }
    paths.add(path)
    for (const dependency of tree.dependencies.get(path) ?? []) paths.add(dependency)
  }
  return { paths: [...paths].sort(), missing: missing.sort() }
}

/** The modules of all wired network cards that are not among `common`, with what they need beside those. Sorted. */
export function otherNetworkModules(tree: ModuleTree, common: readonly string[]): string[] {
  const isOurs = new Set(common)
  const drivers = [...tree.paths].filter(([, path]) => NETWORK_FOLDERS.some((folder) => path.startsWith(folder)))
  const { paths } = moduleClosure(
    tree,
    drivers.map(([name]) => name),
  )
  return paths.filter((path) => !isOurs.has(path))
}

/**
 * PCI cards that some modules drive, from `modules.alias` of depmod(8), each once and sorted: `8086:100e` (vendor and
 * device). Lines that name no single device are left out.
 */
export function pciCards(aliases: string, paths: readonly string[]): string[] {
  const names = new Set(paths.map(moduleName))
  const cards = new Set<string>()
  for (const [, vendor = '', device = '', module = ''] of aliases.matchAll(
    /^alias pci:v0000([0-9A-F]{4})d0000([0-9A-F]{4})\S* (\S+)$/gm,
  )) {
    if (names.has(moduleName(module))) cards.add(`${vendor}:${device}`.toLowerCase())
  }
  return [...cards].sort()
}

/** What {@link collectModules} found. */
export interface Collected {
  /** Wanted modules that this kernel has neither as modules nor built in. */
  readonly missing: readonly string[]
  readonly commonCards: readonly string[]
  readonly otherCards: readonly string[]
}

/**
 * Copies the drivers of an unpacked kernel package, with lists that modprobe understands: the common ones into `common`,
 * all others into `others`, whose lists name both and so replace those of the first.
 */
export async function collectModules(options: {
  readonly unpacked: string
  readonly release: string
  readonly common: string
  readonly others: string
  /** Whether modules keep their signatures, which a kernel under Secure Boot insists on. */
  readonly signed: boolean
}): Promise<Collected> {
  const { unpacked, release, common, others, signed } = options
  const from = join(unpacked, 'lib/modules', release)
  await run('depmod', ['-b', unpacked, release])
  const tree = parseModulesDep(await readFile(join(from, 'modules.dep'), 'utf8'))
  const { paths, missing } = moduleClosure(tree, COMMON)
  const otherPaths = otherNetworkModules(tree, paths)
  const both = `${others}.both`
  for (const [target, wanted] of [
    [common, paths],
    [both, [...paths, ...otherPaths]],
  ] as const) {
    await copyModules(from, join(target, 'lib/modules', release), wanted, signed)
    await run('depmod', ['-b', target, release])
  }
  const lists = MODPROBE_FILES.map((name) => join('lib/modules', release, name))
  const modules = otherPaths.map((path) => join('lib/modules', release, path))
  for (const path of [...lists, ...modules]) await copyInto(both, others, path)

  const aliases = await readFile(join(from, 'modules.alias'), 'utf8')
  const inKernel = new Set((await readFile(join(from, 'modules.builtin'), 'utf8')).split('\n').map(moduleName))
  return {
    missing: missing.filter((name) => !inKernel.has(moduleName(name))),
    commonCards: pciCards(aliases, paths),
    otherCards: pciCards(aliases, otherPaths),
  }
}

/** Copies modules and what depmod reads beside them. */
async function copyModules(from: string, to: string, paths: readonly string[], signed: boolean): Promise<void> {
  for (const path of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order']) await copyInto(from, to, path)
  for (const path of paths) {
    await copyInto(from, to, path)
    if (!signed) await writeFile(join(to, path), withoutSignature(await readFile(join(from, path))))
  }
}

async function copyInto(from: string, to: string, path: string): Promise<void> {
  await mkdir(dirname(join(to, path)), { recursive: true })
  await copyFile(join(from, path), join(to, path))
}

/** What busybox's modprobe reads of all that depmod writes. */
export const MODPROBE_FILES = ['modules.dep', 'modules.alias', 'modules.builtin', 'modules.softdep']
