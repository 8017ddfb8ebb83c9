/** dropbear as a small static program: an SSH server that gives a shell to a key, and nothing else. */

import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InitrdEntry } from '../../src/initrd/index.ts'
import { makeFrom, type Piece, type Workshop } from './pieces.ts'
import { run } from './run.ts'
import { CROSS, cleanEnvironment, compileFlags, LINK_FLAGS, type Toolchain } from './toolchain.ts'

/** What dropbear's default_options.h has switched on and nobody needs here. No password is ever taken. */
const SWITCHED_OFF = [
  'INETD_MODE',
  'DROPBEAR_X11FWD',
  'DROPBEAR_SVR_LOCALTCPFWD',
  'DROPBEAR_SVR_REMOTETCPFWD',
  'DROPBEAR_SVR_AGENTFWD',
  'DROPBEAR_SVR_PASSWORD_AUTH',
  'DROPBEAR_DSS',
  'DROPBEAR_ECDSA',
  'DROPBEAR_DH_GROUP14_SHA256',
  'DROPBEAR_DH_GROUP14_SHA1',
  'DROPBEAR_ECDH',
  'DROPBEAR_SK_KEYS',
  'DROPBEAR_SFTPSERVER',
  'DO_MOTD',
]

const CONFIGURE = [
  '--build=x86_64-linux-gnu',
  `--host=${CROSS}`,
  '--enable-bundled-libtom',
  ...['zlib', 'pam', 'syslog', 'lastlog', 'utmp', 'utmpx', 'wtmp', 'wtmpx', 'loginfunc', 'harden'].map(
    (feature) => `--disable-${feature}`,
  ),
]

/** `dropbear`: remote help, where an environment has it. */
export async function dropbearPiece(shop: Workshop): Promise<Piece> {
  const wanted = shop.resolved.dropbear
  const given = [wanted, shop.resolved.libraries, shop.tools.compilers]
  const recipe = ['build/toolchain.ts', 'build/dropbear.ts']
  const made = await makeFrom(shop, 'dropbear', given, recipe, async (folder) => {
    const source = join(shop.work, 'dropbear')
    await shop.pool.unpack(wanted, source)
    await copyFile(join(source, 'debian/copyright'), join(folder, 'copyright'))
    const toolchain = await shop.toolchain()
    await shop.progress.step('compiling dropbear', () =>
      compileDropbear({ source, toolchain, out: join(folder, 'dropbear') }),
    )
  })
  return { ...made, package: wanted }
}

/** What a machine gets besides where remote help is on. */
export function debugEntries(dropbear: Piece): InitrdEntry[] {
  return [
    { path: 'etc', type: 'directory' },
    // Its own key goes there, made at the first connection.
    { path: 'etc/dropbear', type: 'directory', mode: 0o700 },
    { path: 'sbin', type: 'directory' },
    { path: 'sbin/dropbear', mode: 0o755, file: join(dropbear.folder, 'dropbear') },
  ]
}

/** Compiles the unpacked `source` (in place) and leaves the program at `out`. */
async function compileDropbear(options: {
  readonly source: string
  readonly toolchain: Toolchain
  readonly out: string
}): Promise<void> {
  const { source, toolchain, out } = options
  const settings = SWITCHED_OFF.map((name) => `#define ${name} 0\n`).join('')
  await writeFile(join(source, 'localoptions.h'), settings)
  const env = cleanEnvironment({
    CC: toolchain.muslGcc,
    CFLAGS: compileFlags(source),
    LDFLAGS: `${LINK_FLAGS} -no-pie`,
  })
  await run('./configure', CONFIGURE, { cwd: source, env })
  await run('make', ['-j2', 'PROGRAMS=dropbear'], { cwd: source, env })
  await run(`${CROSS}-strip`, ['dropbear'], { cwd: source, env })
  await copyFile(join(source, 'dropbear'), out)
}
