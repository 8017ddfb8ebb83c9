import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KernelFlavour } from '../../client/contract.ts'
import { loadClientPackage } from '../../src/client-package.ts'
import type { Lab } from './lab.ts'
import type { MachineOptions } from './machine.ts'

export interface DirectOptions {
  /** More words of the kernel's command line. */
  readonly words?: string
  readonly flavour?: KernelFlavour
  /** Path of the manifest of another client than the built one. */
  readonly client?: string
}

/**
 * Phase-1 for a machine that needs no boot loader: kernel and segments straight into QEMU, with the environment that the lab's
 * server has made. For what happens from /init on.
 */
export async function directPhase1(
  { environment }: Lab,
  { words = '', flavour = 'amd64', client }: DirectOptions = {},
): Promise<NonNullable<MachineOptions['direct']>> {
  const { directory, manifest } = await loadClientPackage(client)
  const { base, drivers, firmware } = manifest.segments
  const segments = [base, drivers[flavour], ...(firmware === undefined ? [] : [firmware])]
  const files = [...segments.map((name) => join(directory, name)), join(environment, 'out/boot/environment.img')]
  const initrd = join(environment, 'out/phase1.img')
  await writeFile(initrd, Buffer.concat(await Promise.all(files.map((file) => readFile(file)))))
  return {
    kernel: join(directory, manifest.kernels[flavour].file),
    initrd,
    cmdline: `console=tty0 console=ttyS0,115200 quiet ${words}`,
  }
}
