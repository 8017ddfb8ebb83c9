/**
 * Compiling for i386: the machine's cross compiler with headers and static libraries out of the recorded packages, so that
 * no byte of the machine's own C library gets into what we build.
 */

import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cache } from './cache.ts'
import type { BinaryPackage } from './package-records.ts'
import type { Resolved } from './packages.ts'
import type { Pool } from './pool.ts'
import { run } from './run.ts'

const HINT =
  'apt-get install g++-i686-linux-gnu make patch pkg-config xz-utils zstd kmod (all: client/build/system-packages.mjs)'

/** What the compiler is called. */
export const CROSS = 'i686-linux-gnu'

export interface Toolchain {
  /** Folder with the unpacked i386 libraries and headers. */
  readonly sysroot: string
  /** A compiler that makes static musl programs. */
  readonly muslGcc: string
}

/** Versions of the tools that decide about bytes, for the keys of the cache. */
export interface Tools {
  readonly compilers: readonly string[]
  /** Those of 64-bit programs. */
  readonly compilers64: readonly string[]
  readonly packers: readonly string[]
}

export async function toolVersions(): Promise<Tools> {
  const version = async (command: string) => (await run(command, ['--version'], { hint: HINT })).split('\n')[0] ?? ''
  const versions = (commands: string[]) => Promise.all(commands.map(version))
  return {
    compilers: await versions([`${CROSS}-g++`, `${CROSS}-ld`, 'make']),
    compilers64: await versions(['gcc', 'ld']),
    packers: [...(await versions(['depmod', 'xz', 'zstd'])), `zlib ${process.versions.zlib}`],
  }
}

interface ToolchainOptions {
  readonly resolved: Resolved
  readonly pool: Pool
  readonly cache: Cache
  readonly work: string
}

/** Unpacks the libraries (once) and writes the musl compiler's wrapper into `work`. */
export async function prepareToolchain({ resolved, pool, cache, work }: ToolchainOptions): Promise<Toolchain> {
  const sysroot = await unpackLibraries('sysroot', resolved.libraries, { pool, cache })
  return { sysroot, muslGcc: await writeMuslWrapper(sysroot, work, 'i386-linux-musl', `${CROSS}-gcc`) }
}

/** The same for 64-bit programs, with the machine's own compiler. */
export async function prepareToolchain64({ resolved, pool, cache, work }: ToolchainOptions): Promise<Toolchain> {
  const sysroot = await unpackLibraries('sysroot64', resolved.libraries64, { pool, cache })
  return { sysroot, muslGcc: await writeMuslWrapper(sysroot, work, 'x86_64-linux-musl', 'gcc') }
}

function unpackLibraries(
  name: string,
  libraries: readonly BinaryPackage[],
  { pool, cache }: Pick<ToolchainOptions, 'pool' | 'cache'>,
): Promise<string> {
  return cache.thing(name, libraries, async (folder) => {
    for (const library of libraries) await pool.unpack(library, folder)
  })
}

/**
 * Debian's `i386-linux-musl-gcc` expects its files below /usr; ours is the same with the paths of the unpacked package.
 */
async function writeMuslWrapper(sysroot: string, work: string, musl: string, gcc: string): Promise<string> {
  const specs = await readFile(join(sysroot, 'usr/lib', musl, 'musl-gcc.specs'), 'utf8')
  const specsFile = join(work, `${musl}.specs`)
  await writeFile(specsFile, specs.replaceAll('/usr/', `${sysroot}/usr/`))
  const wrapper = join(work, `${musl}-gcc`)
  await writeFile(wrapper, `#!/bin/sh\nexec ${gcc} "-ffile-prefix-map=${sysroot}=" "$@" -specs "${specsFile}"\n`)
  await chmod(wrapper, 0o755)
  return wrapper
}

/** An environment in which nothing of the user's leaks into a build. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C', TZ: 'UTC', SOURCE_DATE_EPOCH: '0', ...extra }
}

/** Small code for a Pentium II, nothing unused, and no path of this build inside. */
export function compileFlags(work: string): string {
  return `-march=i686 ${smallFlags(work)}`
}

/** The same for any processor. */
export function smallFlags(work: string): string {
  return `-mtune=generic -Os -g0 -ffunction-sections -fdata-sections -ffile-prefix-map=${work}=.`
}

export const LINK_FLAGS = '-static -Wl,--gc-sections -Wl,--build-id=none'
