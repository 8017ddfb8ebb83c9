// Makes dist/ from src/: the command line and the library, with everything bundled in that a plain install could not
// bring (webtorrent and the tracker, whose native parts are replaced by stubs/), and the library's types.
//
//     node scripts/build.ts [--if-changed]
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { libraryEntries } from './library.ts'
import { noticesOf } from './notices.ts'
import { writeTypes } from './types.ts'

const root = path.dirname(import.meta.dirname)
const out = path.join(root, 'dist')
const stamp = path.join(out, '.inputs')

const inputs = digestOf([
  'src',
  'assets/web',
  'stubs',
  'client/contract.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.types.json',
  'scripts/build.ts',
  'scripts/library.ts',
  'scripts/node-22.ts',
  'scripts/notices.ts',
  'scripts/types.ts',
])
const isBuilt = existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs
if (!isBuilt || !process.argv.includes('--if-changed')) {
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  rmSync(out, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      boottorrent: 'src/cli/main.ts',
      ...libraryEntries,
      ...threads(),
    },
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    // What npm installs beside us stays outside; everything else is a devDependency and goes in.
    // Ink looks for React's developer tools only when it is told to, and does without.
    external: [...Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]), 'react-devtools-core'],
    banner: {
      // Bundled CommonJS packages still call require for Node's own modules.
      js: [
        "import { createRequire as __createRequire } from 'node:module'",
        'const require = __createRequire(import.meta.url)',
        "if (!('AsyncDisposableStack' in globalThis)) require('./node-22.cjs')",
      ].join('\n'),
    },
    legalComments: 'linked',
    metafile: true,
    logLevel: 'warning',
  })
  const forOldNode = await buildForOldNode()
  writeFileSync(path.join(out, 'NOTICES.txt'), noticesOf(root, [...Object.keys(metafile.inputs), ...forOldNode]))
  await buildWebPage()
  const program = path.join(out, 'boottorrent.js')
  writeFileSync(program, `#!/usr/bin/env node\n${readFileSync(program, 'utf8')}`)
  chmodSync(program, 0o755)
  writeTypes()
  writeFileSync(stamp, inputs)
}

/** What Node 22 lacks, for the bundles to load. @returns the files that are in it */
async function buildForOldNode(): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['scripts/node-22.ts'],
    outfile: path.join(out, 'node-22.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    metafile: true,
    logLevel: 'warning',
  })
  return Object.keys(metafile.inputs)
}

/** The page of the web server: its script in one file, and what lies in assets/web as it is. */
async function buildWebPage(): Promise<void> {
  const folder = path.join(out, 'web')
  await build({
    absWorkingDir: root,
    entryPoints: ['src/web/page/main.ts'],
    outfile: path.join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    minify: true,
    logLevel: 'warning',
  })
  cpSync(path.join(root, 'assets/web'), folder, { recursive: true })
}

/** Every file that runs in a thread of its own, by the name under which it is looked for beside the bundle. */
function threads(): Record<string, string> {
  const files = filesBelow('src').filter((file) => file.endsWith('-worker.ts'))
  // The class that starts and restarts them has a name that ends in the same way, and lies in no room.
  const inRooms = files.filter((file) => path.dirname(file) !== 'src')
  return Object.fromEntries(inRooms.map((file) => [path.basename(file, '.ts'), file]))
}

/** SHA-256 over the names and contents of files and of everything below folders. */
function digestOf(names: readonly string[]): string {
  const hash = createHash('sha256')
  for (const name of names.flatMap(filesBelow)) {
    hash.update(`${name}\0`).update(readFileSync(path.join(root, name)))
  }
  return hash.digest('hex')
}

function filesBelow(name: string): string[] {
  if (!statSync(path.join(root, name)).isDirectory()) return [name]
  return readdirSync(path.join(root, name), { recursive: true, encoding: 'utf8' })
    .map((below) => path.join(name, below))
    .filter((file) => statSync(path.join(root, file)).isFile())
    .sort()
}
