/** kexec as a small static program: Debian's source package, musl instead of glibc, nothing that we do not use. */

import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'
import { CROSS, cleanEnvironment, compileFlags, LINK_FLAGS, type Toolchain } from './toolchain.ts'

/** Kernels are handed to kexec as they are: it need not unpack anything itself. */
const CONFIGURE = [`--host=${CROSS}`, '--build=x86_64-linux-gnu', '--without-zlib', '--without-lzma', '--without-xen']

/** Compiles the unpacked `source` (in place) and leaves the program at `out`. */
export async function buildKexec(options: {
  readonly source: string
  readonly toolchain: Toolchain
  readonly out: string
}): Promise<void> {
  const { source, toolchain, out } = options
  const { sysroot, muslGcc } = toolchain
  // musl has no kernel headers of its own; they come after its own headers.
  const headers = `-idirafter ${sysroot}/usr/include -idirafter ${sysroot}/usr/include/i386-linux-gnu`
  const env = cleanEnvironment({
    CC: muslGcc,
    BUILD_CC: 'gcc',
    CFLAGS: `${compileFlags(source)} ${headers}`,
    LDFLAGS: `${LINK_FLAGS} -no-pie`,
  })
  await run('./configure', CONFIGURE, { cwd: source, env })
  await run('make', ['-j2', 'build/sbin/kexec'], { cwd: source, env })
  await run(`${CROSS}-strip`, ['build/sbin/kexec'], { cwd: source, env })
  await copyFile(join(source, 'build/sbin/kexec'), out)
}
