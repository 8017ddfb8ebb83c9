/** Makes a program that Node can run of {@link file://./shown-dashboard.ts}, whose components are no plain TypeScript. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'

export interface BuiltProgram extends AsyncDisposable {
  /** The words that run it in a shell, without its arguments. */
  readonly command: string
}

const root = path.resolve(import.meta.dirname, '../..')

export async function buildShownDashboard(): Promise<BuiltProgram> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-dashboard-'))
  await build({
    absWorkingDir: root,
    entryPoints: ['test/lab/shown-dashboard.ts'],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['react-devtools-core'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)",
    },
    logLevel: 'error',
  })
  return {
    command: `'${process.execPath}' '${path.join(folder, 'shown-dashboard.mjs')}'`,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
