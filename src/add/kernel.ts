/** A kernel with its initrds. */
import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import { namesApart } from './naming.ts'
import type { Plan } from './plan.ts'
import type { Recognised } from './recognise.ts'

/** Kinds of files that a kernel takes as initrds: an archive, plain or packed. */
const INITRDS: readonly Recognised['kind'][] = ['initrd', 'gzip', 'xz', 'zstd', 'unknown']

/**
 * @param cmdline what the user wants; undefined when nothing was said
 * @throws BoottorrentError USAGE when the other files are no initrds
 */
export function planKernel(kernel: Recognised, initrds: readonly Recognised[], cmdline: string | undefined): Plan {
  const wrong = initrds.find(({ kind }) => !INITRDS.includes(kind))
  if (wrong !== undefined) {
    throw new BoottorrentError('USAGE', `${wrong.path} is no initrd, but looks like: ${wrong.kind}.`, {
      hint: 'Name one kernel and its initrds, or one image at a time.',
    })
  }
  const sources = [kernel, ...initrds]
  const names = namesApart(sources.map(({ path: file }) => path.basename(file)))
  const [kernelName, ...initrdNames] = names as [string, ...string[]]
  const company =
    initrds.length === 0 ? 'without an initrd' : `with ${initrds.length === 1 ? 'its initrd' : 'its initrds'}`
  const words = cmdline ?? ''
  return {
    title: undefined,
    start: { method: 'kexec', kernel: kernelName, initrds: initrdNames, cmdline: words },
    files: sources.map(({ path: file, size }, index) => ({ name: names[index] as string, size, path: file })),
    decisions: [
      `${path.basename(kernel.path)} is a Linux kernel: it is started by kexec ${company}.`,
      ...(words === '' ? ['Its command line is empty; --cmdline sets one, or edit this file.'] : []),
    ],
  }
}
