/** The build from the first question to the finished folder. */

import {
  access,
  constants,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ClientManifest, type KernelFlavour, kernelFlavours } from '../contract.ts'
import { cacheFolder, createCache, digest, digestFiles } from './cache.ts'
import { type Compression, SUFFIX } from './compress.ts'
import { debugEntries, dropbearPiece } from './dropbear.ts'
import { firmwarePiece } from './firmware.ts'
import { type FirmwarePackage, firmwarePackages } from './firmware-packages.ts'
import { hypervisorPiece } from './hypervisor-piece.ts'
import { buildKernels, kernelPieces } from './kernels.ts'
import { buildLoaders, LOADER_NAMES } from './loaders.ts'
import { describeArtifact, describeNpmPackages, describePackages, sortedPackages } from './manifest.ts'
import { type Archives, archiveOf, openArchives, type Resolved, recordFile, resolvePackages } from './packages.ts'
import {
  aria2Piece,
  busyboxPiece,
  kexec64Piece,
  kexecPiece,
  makeFrom,
  type Piece,
  SourcesChanged,
  tuiPiece,
  type Workshop,
} from './pieces.ts'
import { createPool } from './pool.ts'
import type { Progress } from './progress.ts'
import { recorded } from './record.ts'
import { baseEntries, firmwareEntries, secureBootEntries, segment } from './segments.ts'
import { prepareToolchain, prepareToolchain64, toolVersions } from './toolchain.ts'

/** The folder `client/`. */
const CLIENT = join(import.meta.dirname, '..')

/** Everything of the project that decides about the bytes of the client. */
const SOURCES = [
  'build',
  'rootfs',
  'hypervisor',
  'tui',
  'contract.ts',
  '../src/ui',
  '../src/initrd',
  '../src/errors.ts',
  '../package-lock.json',
]

/** Of these, what runs in this process. */
const PROGRAM = ['build', 'tui/build.ts', 'tui/bundle.ts', '../src/initrd', '../src/errors.ts']

/** Work folders of builds that were interrupted are removed after a day, in milliseconds. */
const LEFT_BEHIND = 24 * 60 * 60 * 1000

export interface BuildOptions {
  readonly progress: Progress
  readonly compression?: Compression
  /** Ask the archive for newer packages, although there is a record of an earlier look. */
  readonly update?: boolean
  /** Packages of firmware to add: names of Debian's, and paths that end in `.deb`. */
  readonly firmware?: readonly string[]
  /** Where built things are kept. */
  readonly cache?: string
}

/**
 * Builds the client, or finds it built.
 *
 * @returns the folder in the cache that holds `manifest.json` and everything it names
 */
export async function buildClient(options: BuildOptions): Promise<string> {
  const { progress, compression = 'xz', update = false } = options
  const root = join(options.cache ?? cacheFolder(), 'client')
  const archives = once(() => openArchives(join(root, 'apt'), progress))
  const resolved = await knownPackages(root, archives, options)
  const firmware = await firmwarePackages({ wanted: options.firmware ?? [], root, progress, update })
  const tools = await toolVersions()
  const cache = createCache(join(root, 'built'), (kind) =>
    progress.note(`another build is making ${kind}; waiting for it`),
  )
  const pool = createPool({
    folder: join(root, 'pool'),
    archiveOf: async (wanted) => archiveOf(await archives(), wanted),
    progress,
  })
  const sources = (...paths: string[]) => digestFiles(CLIENT, paths)
  const version = await ownVersion()

  const attempt = () =>
    withWorkFolder(join(root, 'work'), async (work) => {
      const toolchain = once(() => prepareToolchain({ resolved, pool, cache, work }))
      const toolchain64 = once(() => prepareToolchain64({ resolved, pool, cache, work }))
      const shop: Workshop = { resolved, cache, pool, progress, work, tools, toolchain, toolchain64, sources, version }
      const inputs = [resolved, firmware.map((one) => one.package), tools, compression, version]
      const made = await makeFrom(shop, 'dist', inputs, SOURCES, (folder) =>
        assemble(shop, { compression, firmware }, folder),
      )
      return made.folder
    })
  const program = digest(await sources(...PROGRAM))
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      // This process runs the program as it was when it started: what it makes has no place under the key of a newer one.
      const sameProgram = digest(await sources(...PROGRAM)) === program
      if (!(error instanceof SourcesChanged) || !sameProgram || attempts === 5) throw error
      progress.note('files of the project changed meanwhile; starting again')
    }
  }
}

/** A folder for things that are thrown away afterwards. */
async function withWorkFolder<T>(parent: string, use: (work: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true })
  for (const name of await readdir(parent)) {
    const { mtimeMs } = await stat(join(parent, name))
    if (Date.now() - mtimeMs > LEFT_BEHIND) await rm(join(parent, name), { recursive: true, force: true })
  }
  const work = await mkdtemp(join(parent, 'build-'))
  try {
    return await use(work)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The record of an earlier look at the archive, or a new one. */
async function knownPackages(
  root: string,
  archives: () => Promise<Archives>,
  { progress, update = false }: BuildOptions,
): Promise<Resolved> {
  const ask = () =>
    progress.step('asking the Debian archive for package versions', async () => resolvePackages(await archives()))
  const waiting = () => progress.note('another build is asking the Debian archive; waiting for it')
  return recorded({ file: recordFile(root), update, ask, waiting })
}

/** The version in the project's package.json: the menu shows it. */
async function ownVersion(): Promise<string> {
  const text = await readFile(join(CLIENT, '../package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** What can be chosen of a client. */
interface Contents {
  readonly compression: Compression
  readonly firmware: readonly FirmwarePackage[]
}

/** Makes every piece and puts them together in `folder`. */
async function assemble(shop: Workshop, { compression, firmware }: Contents, folder: string): Promise<void> {
  const loaders = await buildLoaders(shop)
  const kernelsAlone = await kernelPieces(shop)
  const firmwarePieces: Piece[] = []
  for (const one of firmware) firmwarePieces.push(await firmwarePiece(shop, one, Object.values(kernelsAlone)))
  const kernels = await buildKernels(shop, kernelsAlone, firmwarePieces, compression)
  const programs = {
    busybox: await busyboxPiece(shop),
    kexec: await kexecPiece(shop),
    tui: (await hasTui()) ? await tuiPiece(shop) : undefined,
    aria2: await aria2Piece(shop),
  }
  const ofKernels = <T>(part: (kernel: (typeof kernels)[KernelFlavour]) => T) =>
    Object.fromEntries(kernelFlavours.map((flavour) => [flavour, part(kernels[flavour])])) as Record<KernelFlavour, T>
  const kexec64 = await kexec64Piece(shop)
  if (!programs.tui) shop.progress.warn('client/tui/build.ts is not there: this client has no menu')

  const suffix = `.cpio${SUFFIX[compression]}`
  const base = await segment(shop, {
    name: 'base',
    inputs: Object.values(programs).map((piece) => piece?.inputs),
    files: ['rootfs'],
    entries: () => baseEntries(join(CLIENT, 'rootfs'), programs),
    compression,
  })
  const secureBoot = await segment(shop, {
    name: 'secure-boot',
    inputs: kexec64.inputs,
    files: [],
    entries: async () => secureBootEntries(kexec64),
    compression,
  })
  const dropbear = await dropbearPiece(shop)
  const debug = await segment(shop, {
    name: 'debug',
    inputs: dropbear.inputs,
    files: [],
    entries: async () => debugEntries(dropbear),
    compression,
  })
  const files: [string, string][] = [
    ...loaders.files,
    ...kernelFlavours.flatMap((flavour) => kernels[flavour].files),
    [`base${suffix}`, base],
    [`secure-boot${suffix}`, secureBoot],
    [`debug${suffix}`, debug],
  ]
  const commonFirmware = await firmwareEntries(firmwarePieces, 'common')
  if (commonFirmware.length > 0) {
    const name = 'firmware'
    const inputs = firmwarePieces.map((piece) => piece.inputs)
    const entries = async () => commonFirmware
    files.push([`${name}${suffix}`, await segment(shop, { name, inputs, files: [], entries, compression })])
  }
  const hypervisors = [
    await hypervisorPiece(shop, 'i386', compression),
    await hypervisorPiece(shop, 'amd64', compression),
  ]
  for (const piece of hypervisors) {
    for (const file of piece.files) files.push([`${piece.name}/${file}`, join(piece.folder, file)])
  }
  files.sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [name, from] of files) {
    await mkdir(join(folder, dirname(name)), { recursive: true })
    await copyFile(from, join(folder, name))
  }

  const manifest: ClientManifest = {
    version: 1,
    kernels: ofKernels(({ kernel }) => kernel),
    segments: {
      base: `base${suffix}`,
      drivers: ofKernels(({ drivers }) => drivers),
      otherDrivers: ofKernels(({ otherDrivers }) => otherDrivers),
      secureBoot: `secure-boot${suffix}`,
      ...(commonFirmware.length === 0 ? {} : { firmware: `firmware${suffix}` }),
      debug: `debug${suffix}`,
    },
    hypervisors: hypervisors.map(({ name, kernels }) => ({ folder: name, kernels })),
    loaders: LOADER_NAMES,
    artifacts: await Promise.all(files.map(([name]) => describeArtifact(folder, name))),
    packages: sortedPackages([
      ...hypervisors.flatMap((piece) => piece.packages),
      ...(await describePackages(
        [
          ...loaders.pieces,
          ...firmwarePieces,
          ...Object.values(ofKernels(({ piece }) => piece)),
          dropbear,
          ...Object.values(programs).filter((piece) => piece !== undefined),
        ],
        [
          { packages: shop.resolved.libraries, sysroot: (await shop.toolchain()).sysroot },
          { packages: shop.resolved.libraries64, sysroot: (await shop.toolchain64()).sysroot },
        ],
      )),
      ...(programs.tui ? await describeNpmPackages(programs.tui) : []),
    ]),
  }
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Copies a built client to where the host looks for it, unless it is there already. */
export async function installClient(built: string, out: string): Promise<void> {
  if (await sameClient(built, out)) return
  const unfinished = `${out}.new`
  await rm(unfinished, { recursive: true, force: true })
  await cp(built, unfinished, { recursive: true, mode: constants.COPYFILE_FICLONE })
  await rm(out, { recursive: true, force: true })
  await rename(unfinished, out)
}

/** Whether the manifests are equal and every artifact is there in its full length. */
async function sameClient(built: string, out: string): Promise<boolean> {
  try {
    const manifest = await readFile(join(built, 'manifest.json'), 'utf8')
    if (manifest !== (await readFile(join(out, 'manifest.json'), 'utf8'))) return false
    for (const { file, bytes } of (JSON.parse(manifest) as ClientManifest).artifacts) {
      if ((await stat(join(out, file))).size !== bytes) return false
    }
    return true
  } catch {
    return false
  }
}

async function hasTui(): Promise<boolean> {
  return access(join(CLIENT, 'tui/build.ts')).then(
    () => true,
    () => false,
  )
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
