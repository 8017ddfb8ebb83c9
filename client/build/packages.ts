/** Which Debian packages the client is made of, and in which versions: the record of the last look at the archive. */

import { join } from 'node:path'
import { type KernelFlavour, kernelFlavours } from '../contract.ts'
import { type Apt, createApt } from './apt.ts'
import { digest } from './cache.ts'
import { HYPERVISOR_PACKAGES } from './hypervisor-packages.ts'
import type { BinaryPackage, Package, SourcePackage } from './package-records.ts'
import type { Progress } from './progress.ts'
import { findMirror } from './sources.ts'

/** Debian 12 is the last release with kernels for 32-bit machines. */
const BOOKWORM = 'bookworm'
/** Has an iPXE of 2025, which asks for autoexec.ipxe, a GRUB that knows HTTP ports, and QuickJS. */
const TRIXIE = 'trixie'

/** Every package of a build, in the exact version. */
export interface Resolved {
  readonly kernels: { readonly [flavour in KernelFlavour]: BinaryPackage }
  readonly busybox: BinaryPackage
  /** Headers and static libraries to compile against. */
  readonly libraries: readonly BinaryPackage[]
  readonly kexec: SourcePackage
  readonly aria2: SourcePackage
  /** Remote help. */
  readonly dropbear: SourcePackage
  readonly quickjs: SourcePackage
  /** Boot loaders, by the names of {@link LOADERS}. */
  readonly loaders: { readonly [name in LoaderPackage]: BinaryPackage }
  /** What the 64-bit kexec is compiled against. */
  readonly libraries64: readonly BinaryPackage[]
  /** Those of the hypervisor segments. */
  readonly hypervisors: { readonly [architecture in 'i386' | 'amd64']: readonly BinaryPackage[] }
}

/** Source packages that the client is compiled from. */
const SOURCES = ['kexec-tools', 'aria2', 'quickjs', 'dropbear']

/** Packages that boot loaders come from. */
export const LOADERS = [
  'ipxe',
  'grub-efi-ia32-unsigned',
  'grub-efi-amd64-signed',
  'shim-signed',
  'pxelinux',
  'syslinux-common',
  // Holds the copyright file of GRUB's other packages.
  'grub-common',
] as const
export type LoaderPackage = (typeof LOADERS)[number]

/** i386 packages that kexec, aria2 and the TUI are compiled against; they are unpacked together and never installed. */
export const LIBRARIES = {
  /** The C library of kexec and the TUI. */
  musl: ['musl', 'musl-dev'],
  /** The C and C++ libraries of aria2, and what it computes hashes and key exchanges with. */
  glibc: ['libc6-dev', 'libgcc-12-dev', 'libstdc++-12-dev', 'nettle-dev', 'libgmp-dev'],
  headers: ['linux-libc-dev'],
  /** Where the others' copyright files are. */
  notes: ['gcc-12-base'],
} as const

/** The same for 64 bit: the C library of the kexec that Secure Boot needs, and the kernel's headers. */
export const LIBRARIES_64 = ['musl', 'musl-dev', 'linux-libc-dev']

/** The two private apts of a build: one for each Debian release that packages come from. */
export interface Archives {
  readonly bookworm: Apt
  readonly trixie: Apt
}

export async function openArchives(folder: string, progress: Progress): Promise<Archives> {
  const mirror = await findMirror()
  return {
    bookworm: await createApt({
      root: join(folder, BOOKWORM),
      release: BOOKWORM,
      architectures: ['i386', 'amd64'],
      mirror,
      progress,
    }),
    trixie: await createApt({
      root: join(folder, TRIXIE),
      release: TRIXIE,
      architectures: ['amd64'],
      mirror,
      progress,
    }),
  }
}

/** Asks the archive for the newest version of everything. */
export async function resolvePackages({ bookworm, trixie }: Archives): Promise<Resolved> {
  await Promise.all([bookworm.update(), trixie.update()])
  const names = Object.values(LIBRARIES).flat()
  const { all, i386, amd64 } = HYPERVISOR_PACKAGES
  const data = await bookworm.binaries(all, 'i386')
  return {
    kernels: {
      '686': await kernelImage(bookworm, 'linux-image-686', 'i386'),
      '686-pae': await kernelImage(bookworm, 'linux-image-686-pae', 'i386'),
      amd64: await kernelImage(bookworm, 'linux-image-amd64', 'amd64'),
    },
    busybox: await bookworm.binary('busybox-static', 'i386'),
    libraries: await bookworm.binaries(names, 'i386'),
    kexec: await bookworm.source('kexec-tools'),
    aria2: await bookworm.source('aria2'),
    dropbear: await bookworm.source('dropbear'),
    quickjs: await trixie.source('quickjs'),
    loaders: await loaderPackages(trixie),
    libraries64: await Promise.all(LIBRARIES_64.map((name) => bookworm.binary(name, 'amd64'))),
    hypervisors: {
      i386: [...(await bookworm.binaries(i386, 'i386')), ...data],
      amd64: [...(await bookworm.binaries(amd64, 'amd64')), ...data],
    },
  }
}

async function loaderPackages(trixie: Apt): Promise<Resolved['loaders']> {
  const packages = await Promise.all(LOADERS.map(async (name) => [name, await trixie.binary(name, 'amd64')]))
  return Object.fromEntries(packages) as Resolved['loaders']
}

/** `linux-image-686` only depends on the kernel of the day; this is that kernel. */
async function kernelImage(apt: Apt, name: string, architecture: 'i386' | 'amd64'): Promise<BinaryPackage> {
  const meta = await apt.binary(name, architecture)
  const image = /^(linux-image-\S+)/.exec(meta.depends)?.[1]
  return image === undefined ? meta : apt.binary(image, architecture)
}

/** Which of the two archives a package comes from. */
export function archiveOf(archives: Archives, wanted: Package): Apt {
  const ofTrixie: readonly string[] = [...LOADERS, 'quickjs']
  return ofTrixie.includes(wanted.name) ? archives.trixie : archives.bookworm
}

/** Where the record of the last look at the archive is kept. Another list of packages gets another record. */
export function recordFile(folder: string): string {
  const question = [BOOKWORM, TRIXIE, kernelFlavours, SOURCES, LIBRARIES, LIBRARIES_64, LOADERS, HYPERVISOR_PACKAGES]
  return join(folder, 'resolved', `${digest(question).slice(0, 16)}.json`)
}
