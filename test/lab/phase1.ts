import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KernelFlavour } from '../../client/contract.ts'
import { loadClientPackage } from '../../src/client-package.ts'
import type { Lab } from './lab.ts'
import type { MachineOptions } from './machine.ts'

/**
 * Phase-1 of the built client for a machine that needs no boot loader: kernel and segments straight into QEMU, with the
 * environment that the lab's server has made. For what happens from /init on.
 */
export async function directPhase1(
  { environment }: Lab,
  words = '',
  flavour: KernelFlavour = 'amd64',
): Promise<NonNullable<MachineOptions['direct']>> {
  const { directory, manifest } = await loadClientPackage()
  const { base, drivers } = manifest.segments
  const files = [
    join(directory, base),
    join(environment, 'out/boot/environment.img'),
    join(directory, drivers[flavour]),
  ]
  const initrd = join(environment, 'out/phase1.img')
  await writeFile(initrd, Buffer.concat(await Promise.all(files.map((file) => readFile(file)))))
  return {
    kernel: join(directory, manifest.kernels[flavour].file),
    initrd,
    cmdline: `console=tty0 console=ttyS0,115200 quiet ${words}`,
  }
}
