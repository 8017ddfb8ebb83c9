/**
 * The hypervisor segment: a folder that machines fetch by BitTorrent when a system wants QEMU. A compressed image, mounted as it
 * is, takes less memory than files unpacked from an archive; what mounts it lies beside it.
 */

import { chmod, copyFile, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Compression } from './compress.ts'
import { HYPERVISOR_DATA, HYPERVISOR_MODULES, HYPERVISOR_PROGRAMS, TRIPLETS } from './hypervisor-packages.ts'
import { moduleClosure, parseModulesDep } from './modules.ts'
import { run } from './run.ts'
import { sharedLibraries } from './shared-libraries.ts'
import { cleanEnvironment } from './toolchain.ts'

/** What lies in the segment beside `start`, which knows this name. */
const IMAGE = 'system.squashfs'
/** The modules that a kernel needs to mount the image, in a folder of its release; both need no other. */
const MOUNTING = ['kernel/drivers/block/loop.ko', 'kernel/fs/squashfs/squashfs.ko']

/** Relative links stay relative: absolute ones would lead to the folder of this build. */
const COPY = { recursive: true, verbatimSymlinks: true }

/** Where in the image the machine's own folders and files are laid over. */
const FOLDERS = ['bin', 'dev', 'etc/udev', 'proc', 'root', 'run', 'sys', 'tmp', 'var/lib', 'var/log']
const FILES = ['bin/busybox', 'etc/resolv.conf']

/** The files of a kernel's package, and what `uname -r` says of it. */
export interface UnpackedKernel {
  readonly folder: string
  readonly release: string
}

export interface HypervisorParts {
  /** The packages' files, all in one tree. */
  readonly unpacked: string
  readonly architecture: 'i386' | 'amd64'
  /** The kernels whose modules go in. */
  readonly kernels: readonly UnpackedKernel[]
  /** `client/hypervisor`. */
  readonly sources: string
  readonly compression: Compression
  /** A folder for things that are thrown away afterwards. */
  readonly work: string
}

/** Makes the segment in `folder`. */
export async function buildHypervisor(parts: HypervisorParts, folder: string): Promise<void> {
  const { sources, work, kernels } = parts
  const tree = join(work, 'tree')
  await mkdir(tree, { recursive: true })
  await copyPrograms(parts, tree)
  for (const kernel of kernels) await copyModules(kernel, tree)
  await cp(join(sources, 'system'), tree, COPY)
  for (const name of FOLDERS) await mkdir(join(tree, name), { recursive: true })
  for (const name of FILES) await writeFile(join(tree, name), '')
  await normalizeModes(tree)

  for (const { folder: unpacked, release } of kernels) {
    for (const module of MOUNTING) {
      await place(join(unpacked, 'lib/modules', release, module), join(folder, release, basename(module)))
    }
  }
  await copyFile(join(sources, 'start'), join(folder, 'start'))
  await squash(tree, join(folder, IMAGE), parts.compression)
}

/** The modules of one kernel with what they depend on, and the lists of depmod(8). */
async function copyModules({ folder, release }: UnpackedKernel, tree: string): Promise<void> {
  const from = join(folder, 'lib/modules', release)
  const to = join(tree, 'lib/modules', release)
  await run('depmod', ['-b', folder, release])
  const { paths } = moduleClosure(
    parseModulesDep(await readFile(join(from, 'modules.dep'), 'utf8')),
    HYPERVISOR_MODULES,
  )
  for (const path of [...paths, 'modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    await place(join(from, path), join(to, path))
  }
  await run('depmod', ['-b', tree, release])
}

/** Programs, the libraries they need, and their data. */
async function copyPrograms({ unpacked, architecture }: HypervisorParts, tree: string): Promise<void> {
  const triplet = TRIPLETS[architecture]
  const programs = HYPERVISOR_PROGRAMS.map((path) => path.replace('{triplet}', triplet))
  const folders = [`lib/${triplet}`, `usr/lib/${triplet}`, `usr/lib/${triplet}/pulseaudio`]
  const libraries = await sharedLibraries(unpacked, programs, folders)
  for (const { path, file } of libraries) await place(file, join(tree, path))
  for (const path of programs) await place(join(unpacked, path), join(tree, path))
  for (const path of HYPERVISOR_DATA.map((name) => name.replace('{triplet}', triplet)))
    await cp(join(unpacked, path), join(tree, path), COPY)

  // The path of the dynamic loader is part of the ABI, and written into every program.
  const loader = architecture === 'i386' ? 'lib/ld-linux.so.2' : 'lib64/ld-linux-x86-64.so.2'
  await mkdir(join(tree, dirname(loader)), { recursive: true })
  await symlink(`/lib/${triplet}/${basename(loader)}`, join(tree, loader))
  await mkdir(join(tree, 'bin'), { recursive: true })
  // Xorg runs xkbcomp through a shell.
  await symlink('busybox', join(tree, 'bin/sh'))
  // One program, which is what its name says.
  await mkdir(join(tree, 'lib/systemd'), { recursive: true })
  await symlink('/bin/udevadm', join(tree, 'lib/systemd/systemd-udevd'))
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to)
}

/** Two modes, whatever the umask of this build is. */
async function normalizeModes(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await normalizeModes(path)
    else if (entry.isFile()) await chmod(path, isData(path) ? 0o644 : 0o755)
  }
}

function isData(path: string): boolean {
  return /\/(usr\/share|lib\/modules|lib\/udev\/rules\.d|etc)\//.test(path)
}

/** Blocks of 256 KiB: with 1 MiB the image is 5 % smaller, and each first look at a page costs four times the work. */
async function squash(tree: string, image: string, compression: Compression): Promise<void> {
  const words = {
    xz: ['xz', '-Xbcj', 'x86', '-Xdict-size', '100%'],
    gzip: ['gzip', '-Xcompression-level', '9'],
    zstd: ['zstd', '-Xcompression-level', '19'],
  }[compression]
  const common = ['-noappend', '-no-progress', '-quiet', '-all-root', '-no-xattrs', '-b', '256K']
  await run('mksquashfs', [tree, image, ...common, '-comp', ...words], { env: cleanEnvironment() })
}
