/** Looks at the sources and chooses what becomes of them. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import { planDrive } from './disk.ts'
import type { AddOptions } from './index.ts'
import { planIso } from './iso.ts'
import { planKernel } from './kernel.ts'
import type { Method, Plan } from './plan.ts'
import { planProgram } from './program.ts'
import { type Recognised, recognise } from './recognise.ts'
import { planRootfs } from './rootfs/index.ts'
import { wordsOf } from './words.ts'

export async function planFor(options: AddOptions): Promise<Plan> {
  const { sources, cmdline, initrds = [], method } = options
  const [source] = sources as [string, ...string[]]
  if (sources.length === 1 && (await isFolder(source)))
    return planRootfs(options, { path: source, size: 0, layout: 'folder' })

  const files = await Promise.all(sources.map((file) => recognise(file)))
  const more = await Promise.all(initrds.map((file) => recognise(file)))
  const kernel = files.find(({ kind }) => kind === 'linux-kernel')
  const plan = kernel
    ? planKernel(kernel, [...files.filter((file) => file !== kernel), ...more], cmdline)
    : await planOne(onlyOne(files), more, options)
  refuseOtherMethod(plan, method)
  return plan
}

async function planOne(file: Recognised, initrds: readonly Recognised[], options: AddOptions): Promise<Plan> {
  const words = wordsOf(options.cmdline)
  if (initrds.length > 0 && file.kind !== 'iso') {
    throw new BoottorrentError('USAGE', `${file.path} takes no initrds.`, {
      hint: 'Use --initrd with a kernel or an ISO.',
    })
  }
  switch (file.kind) {
    case 'iso':
      return options.method === 'bin-qemu-x86_64' ? planDrive(file, 'iso', words) : planIso(file, initrds, options)
    case 'disk':
    case 'floppy':
      return planDrive(file, file.kind, words)
    case 'elf':
    case 'script':
      return planProgram(file, words)
    case 'tar':
    case 'gzip':
    case 'xz':
    case 'zstd':
      return planRootfs(options, { path: file.path, size: file.size, layout: 'archive' })
    case 'initrd':
      throw new BoottorrentError('USAGE', `${file.path} is an initrd, and needs its kernel.`, {
        hint: 'Name both: boottorrent add vmlinuz initrd.img',
      })
    default:
      return planUnknown(file, options.method, words)
  }
}

/** What says nothing of itself is what the user says it is. */
function planUnknown(file: Recognised, method: Method | undefined, words: readonly string[]): Plan | Promise<Plan> {
  if (method === 'bin-qemu-x86_64') return planDrive(file, 'disk', words)
  throw new BoottorrentError(
    'FORMAT',
    `${file.path} is nothing that boots: no kernel, image, archive or program is recognised in it.`,
    {
      hint: 'If it is a raw disk image, say --method bin-qemu-x86_64.',
    },
  )
}

function onlyOne(files: readonly Recognised[]): Recognised {
  const [first, second] = files as [Recognised, Recognised?]
  if (second === undefined) return first
  const kinds = files.map(({ path: file, kind }) => `${path.basename(file)} (${kind})`).join(', ')
  throw new BoottorrentError('USAGE', `None of these is a Linux kernel for x86: ${kinds}.`, {
    hint: 'Name a kernel with its initrds, or one image at a time.',
  })
}

function refuseOtherMethod({ start }: Plan, wanted: Method | undefined): void {
  if (wanted === undefined || wanted === start.method) return
  throw new BoottorrentError('USAGE', `This cannot be started by the method ${wanted}, but by ${start.method}.`, {
    hint: 'Leave --method out.',
  })
}

async function isFolder(source: string): Promise<boolean> {
  return stat(source).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}
