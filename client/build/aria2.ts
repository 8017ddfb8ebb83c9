/**
 * aria2c as a small static program: Debian's source package, patched for a room of machines, with BitTorrent, HTTP and
 * JSON-RPC, and no TLS.
 */

import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'
import { run } from './run.ts'
import { CROSS, cleanEnvironment, compileFlags, LINK_FLAGS, type Toolchain } from './toolchain.ts'

/**
 * nettle and gmp must stay: without a library for big numbers aria2 "exponentiates" by multiplying, agrees on keys with
 * nobody but itself, and every encrypted handshake costs seconds or fails. `--disable-ssl` would take nettle away too.
 */
const CONFIGURE = [
  `--host=${CROSS}`,
  '--build=x86_64-linux-gnu',
  '--disable-nls',
  '--disable-metalink',
  '--disable-websocket',
  '--disable-dependency-tracking',
  '--with-libnettle',
  '--with-libgmp',
  ...['libxml2', 'libexpat', 'gnutls', 'openssl', 'libgcrypt', 'libcares', 'sqlite3', 'libssh2', 'libz'].map(
    (library) => `--without-${library}`,
  ),
]

/** What we change in the source, and why. */
const PATCH = join(import.meta.dirname, 'aria2.patch')

/** What configure must have found. */
const LIBRARIES = ['HAVE_LIBNETTLE', 'HAVE_LIBGMP']

/** Patches the unpacked `source`, compiles it below `work` and leaves the program at `out`. Takes about six minutes of CPU time. */
export async function buildAria2(options: {
  readonly source: string
  readonly work: string
  readonly toolchain: Toolchain
  readonly out: string
}): Promise<void> {
  const { source, work, toolchain, out } = options
  const objects = join(work, 'objects')
  await mkdir(objects)
  const env = cleanEnvironment(compileEnvironment(toolchain.sysroot, work))
  await run('patch', ['-p1', '--batch', '-i', PATCH], { cwd: source, env })
  await run(join(source, 'configure'), CONFIGURE, { cwd: objects, env })
  await run('make', ['-j2', '-C', 'src', 'aria2c'], { cwd: objects, env })
  const program = join(objects, 'src/aria2c')
  await run(`${CROSS}-strip`, [program], { env })
  await checkLibraries(join(objects, 'config.h'))
  await copyFile(program, out)
}

function compileEnvironment(sysroot: string, work: string): NodeJS.ProcessEnv {
  const libraries = [`${sysroot}/usr/lib/gcc/i686-linux-gnu/12/`, `${sysroot}/usr/lib/i386-linux-gnu/`]
  const cppHeaders = [`${sysroot}/usr/include/c++/12`, `${sysroot}/usr/include/i386-linux-gnu/c++/12`]
  const headers = [`${sysroot}/usr/include/i386-linux-gnu`, `${sysroot}/usr/include`]
  const flags = `${compileFlags(work)} -ffile-prefix-map=${sysroot}=`
  const system = (folders: string[]) => folders.map((folder) => `-isystem ${folder}`).join(' ')
  return {
    ARIA2_STATIC: 'yes',
    PKG_CONFIG_LIBDIR: `${sysroot}/usr/lib/i386-linux-gnu/pkgconfig`,
    PKG_CONFIG_SYSROOT_DIR: sysroot,
    CFLAGS: `${flags} ${system(headers)}`,
    CXXFLAGS: `${flags} -nostdinc++ ${system([...cppHeaders, ...headers])}`,
    LDFLAGS: [LINK_FLAGS, ...libraries.map((folder) => `-B${folder} -L${folder}`)].join(' '),
  }
}

/** By what configure wrote down, for the program itself need not run on the machine that builds it. */
async function checkLibraries(configuration: string): Promise<void> {
  const text = await readFile(configuration, 'utf8')
  if (LIBRARIES.every((name) => text.includes(`#define ${name} 1\n`))) return
  throw new BoottorrentError(
    'INTERNAL',
    'aria2c was built without nettle or GMP, so it could not talk to other clients',
    {
      hint: 'See the notes in client/build/aria2.ts; the libraries come from nettle-dev and libgmp-dev for i386.',
    },
  )
}
