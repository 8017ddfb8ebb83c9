import path from 'node:path'
import { build, type Metafile } from 'esbuild'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../../..')

test('nothing but the dashboard loads Ink, React and the layout engine', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { program: 'src/cli/main.ts' },
    outdir: 'unused',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
    external: ['react-devtools-core', 'webtorrent', 'bittorrent-tracker'],
    logLevel: 'error',
  })
  const withInk = Object.entries(metafile.outputs).filter(([, { inputs }]) => Object.keys(inputs).some(isOfInk))
  const loading = Object.entries(metafile.outputs).filter(([name]) => reached(metafile, name).some(isIn(withInk)))
  expect(withInk.length).toBeGreaterThan(0)
  expect(loading.map(([, { entryPoint }]) => entryPoint).filter((entry) => entry?.startsWith('src/'))).toEqual([
    'src/cli/dashboard/index.ts',
  ])
})

function isOfInk(input: string): boolean {
  return /node_modules\/(ink|react|react-reconciler|yoga-layout)\//.test(input)
}

function isIn(outputs: readonly (readonly [string, unknown])[]): (name: string) => boolean {
  const names = new Set(outputs.map(([name]) => name))
  return (name) => names.has(name)
}

/** What is loaded with this output at once. */
function reached({ outputs }: Metafile, from: string, seen = new Set<string>()): string[] {
  if (seen.has(from)) return []
  seen.add(from)
  for (const { path: next, kind } of outputs[from]?.imports ?? []) {
    if (kind === 'import-statement') reached({ outputs } as Metafile, next, seen)
  }
  return [...seen]
}
