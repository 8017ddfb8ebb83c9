/** Which kernel modules a segment of drivers needs: the chosen ones and what they depend on. */

import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from './run.ts'

/** Network cards that machines of the last 25 years have, wired. All but a few are in both kernels. */
const NETWORK = `
  virtio_net e1000 e1000e igb igc ixgbe r8169 8139too 8139cp tg3 bnx2 b44 atl1 atl1c atl1e atl2 alx sky2 skge forcedeth
  via-rhine via-velocity e100 pcnet32 ne2k-pci 3c59x sis900 sis190 tulip dmfe natsemi epic100 sundance starfire jme
  vmxnet3 xen-netfront hv_netvsc amd8111e r6040 fealnx usbnet asix ax88179_178a r8152 cdc_ether cdc_ncm smsc75xx
  smsc95xx`

/** Their transceivers, which no network card names as a dependency. */
const TRANSCEIVERS = 'realtek broadcom bcm-phy-lib marvell smsc'

/** What the cards and the keyboard are attached to. */
const BUSES = `
  virtio_pci virtio_mmio virtio_balloon virtio_rng hv_vmbus ehci-pci ehci-hcd ohci-pci ohci-hcd uhci-hcd xhci-pci
  xhci-hcd`

/** The menu wants a keyboard. PS/2 is built into the kernel. */
const KEYBOARDS = 'usbhid hid hid-generic hyperv-keyboard'

/** Everything a segment of drivers holds besides dependencies. */
export const COMMON = [NETWORK, TRANSCEIVERS, BUSES, KEYBOARDS].join(' ').trim().split(/\s+/)

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

/**
 * Copies the common modules of an unpacked kernel package into `target`, with lists that modprobe understands.
 *
 * @returns the wanted modules that this kernel does not have as modules
 */
export async function collectModules(unpacked: string, release: string, target: string): Promise<string[]> {
  const from = join(unpacked, 'lib/modules', release)
  const to = join(target, 'lib/modules', release)
  await run('depmod', ['-b', unpacked, release])
  const tree = parseModulesDep(await readFile(join(from, 'modules.dep'), 'utf8'))
  const { paths, missing } = moduleClosure(tree, COMMON)
  for (const path of [...paths, 'modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    await mkdir(dirname(join(to, path)), { recursive: true })
    await copyFile(join(from, path), join(to, path))
  }
  await run('depmod', ['-b', target, release])
  const builtin = await readFile(join(from, 'modules.builtin'), 'utf8')
  const inKernel = new Set(builtin.split('\n').map(moduleName))
  return missing.filter((name) => !inKernel.has(moduleName(name)))
}

/** What busybox's modprobe reads of all that depmod writes. */
export const MODPROBE_FILES = ['modules.dep', 'modules.alias', 'modules.symbols', 'modules.builtin', 'modules.softdep']
