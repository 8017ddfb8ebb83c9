/** kexec as a small static program: Debian's source package, musl instead of glibc, nothing that we do not use. */

import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'
import { CROSS, cleanEnvironment, compileFlags, LINK_FLAGS, smallFlags, type Toolchain } from './toolchain.ts'

/** Kernels are handed to kexec as they are: it need not unpack anything itself. */
const CONFIGURE = ['--build=x86_64-linux-gnu', '--without-zlib', '--without-lzma', '--without-xen']

/** What kexec is compiled for, and with what. */
export interface KexecTarget {
  /** As configure and the names of tools say it. */
  readonly host: string
  /** A compiler that makes static musl programs. */
  readonly gcc: string
  readonly strip: string
  /** Folders with the kernel's headers. */
  readonly headers: readonly string[]
  readonly flags: (source: string) => string
}

export function targetI386({ sysroot, muslGcc }: Toolchain): KexecTarget {
  const headers = [`${sysroot}/usr/include`, `${sysroot}/usr/include/i386-linux-gnu`]
  return { host: CROSS, gcc: muslGcc, strip: `${CROSS}-strip`, headers, flags: compileFlags }
}

export function targetAmd64({ sysroot, muslGcc }: Toolchain): KexecTarget {
  const headers = [`${sysroot}/usr/include`, `${sysroot}/usr/include/x86_64-linux-gnu`]
  return { host: 'x86_64-linux-musl', gcc: muslGcc, strip: 'strip', headers, flags: smallFlags }
}

/** Compiles the unpacked `source` (in place) and leaves the program at `out`. */
export async function buildKexec(options: {
  readonly source: string
  readonly target: KexecTarget
  readonly out: string
}): Promise<void> {
  const { source, target, out } = options
  // musl has no kernel headers of its own; they come after its own headers.
  const headers = target.headers.map((folder) => `-idirafter ${folder}`).join(' ')
  const env = cleanEnvironment({
    CC: target.gcc,
    BUILD_CC: 'gcc',
    CFLAGS: `${target.flags(source)} ${headers}`,
    LDFLAGS: `${LINK_FLAGS} -no-pie`,
  })
  await run('./configure', [`--host=${target.host}`, ...CONFIGURE], { cwd: source, env })
  await run('make', ['-j2', 'build/sbin/kexec'], { cwd: source, env })
  await run(target.strip, ['build/sbin/kexec'], { cwd: source, env })
  await copyFile(join(source, 'build/sbin/kexec'), out)
}
