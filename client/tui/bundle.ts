import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { type NpmPackage, npmPackages } from './npm-packages.ts'

const here = import.meta.dirname

/** Modules that QuickJS does not have, and what stands in for them. */
const standIns: Readonly<Record<string, string>> = {
  'node:events': 'events.ts',
  'node:process': 'process.ts',
  'node:stream': 'stream.ts',
  'node:fs': 'nothing.ts',
  'node:os': 'nothing.ts',
  'node:path': 'nothing.ts',
  'node:tty': 'nothing.ts',
  'node:url': 'nothing.ts',
  'node:util': 'nothing.ts',
  'patch-console': 'no-hook.ts',
  'signal-exit': 'no-hook.ts',
  'stack-utils': 'stack-utils.ts',
  'string-width': 'string-width.ts',
  'terminal-size': 'terminal-size.ts',
  'yoga-layout': 'yoga.ts',
}

/**
 * Makes the TUI's one JavaScript file, a module that QuickJS can compile.
 *
 * @param entry path of the first source file
 * @param out path of the file to write
 * @param version what the title bar says
 * @returns the packages of npm that are in it
 */
export async function bundleForQuickJs(entry: string, out: string, version: string): Promise<NpmPackage[]> {
  const result = await build({
    entryPoints: [entry],
    outfile: resolve(out),
    write: true,
    bundle: true,
    metafile: true,
    minify: true,
    legalComments: 'none',
    absWorkingDir: dirname(here),
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['node', 'browser', 'import', 'default'],
    // Regular expressions with the flag v (ES2024) become calls of RegExp, which are looked for below.
    target: 'es2023',
    charset: 'utf8',
    jsx: 'automatic',
    // Of the project's tsconfig esbuild would learn for some files and not for others, by whichever way it finds them first.
    tsconfigRaw: {},
    define: { 'process.env.NODE_ENV': '"production"', BOOTTORRENT_VERSION: JSON.stringify(version) },
    inject: [join(here, 'quickjs/globals.ts'), join(here, 'quickjs/inject-process.ts')],
    plugins: [quickJsModules, withoutDeveloperTools, smallYogaHeap, withoutFlagV],
    logLevel: 'error',
  })
  const text = await readFile(out, 'utf8')
  const flagV = /RegExp\([^()]{0,400},"[a-z]*v[a-z]*"\)/.exec(text)
  if (flagV) throw new Error(`the TUI's bundle has a regular expression that QuickJS cannot compile: ${flagV[0]}`)
  return npmPackages(result.metafile, dirname(here))
}

const quickJsModules: Plugin = {
  name: 'quickjs-modules',
  setup(bundle) {
    bundle.onResolve({ filter: /^quickjs:/ }, ({ path }) => ({ path: path.slice('quickjs:'.length), external: true }))
    bundle.onResolve({ filter: /^yoga-layout-asmjs\/enums$/ }, () => ({ path: yogaFile('src/generated/YGEnums.js') }))
    const names = Object.keys(standIns).join('|')
    bundle.onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path }) => {
      const file = standIns[path]
      return file === undefined ? undefined : { path: join(here, 'quickjs', file) }
    })
  },
}

/** Ink's own switch for them, which awaits at the top level of a module, is decided here. */
const withoutDeveloperTools: Plugin = {
  name: 'without-developer-tools',
  setup(bundle) {
    bundle.onLoad({ filter: /\/ink\/build\/reconciler\.js$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8')
      const condition = "process.env['DEV'] === 'true'"
      return { contents: replaced(path, contents, condition, 'false').replace(condition, 'false'), loader: 'js' }
    })
  },
}

/** Yoga asks for 16 MiB at once, of which a screen of text needs a fraction; an old machine has better use for them. */
const smallYogaHeap: Plugin = {
  name: 'small-yoga-heap',
  setup(bundle) {
    bundle.onLoad({ filter: /binaries\/asmjs-sync-web\.js$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8')
      return { contents: replaced(path, contents, 'INITIAL_MEMORY||16777216', 'INITIAL_MEMORY||2097152'), loader: 'js' }
    })
  },
}

/** QuickJS of 2025 has no flag v; these expressions mean the same with u. */
const withoutFlagV: Plugin = {
  name: 'without-flag-v',
  setup(bundle) {
    bundle.onLoad({ filter: /\/ansi-styles\/index\.js$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8')
      return { contents: contents.replace('/[:;]/v', '/[:;]/u').replace('}/iv.exec', '}/iu.exec'), loader: 'js' }
    })
    bundle.onLoad({ filter: /\/slice-ansi\/tokenize-ansi\.js$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8')
      return { contents: replaced(path, contents, '/^[\\d:;]*$/v', '/^[\\d:;]*$/u'), loader: 'js' }
    })
  },
}

function yogaFile(name: string): string {
  const entry = createRequire(import.meta.url).resolve('yoga-layout-asmjs/asmjs-sync')
  return join(dirname(entry), '../..', name)
}

function replaced(path: string, contents: string, from: string, to: string): string {
  if (!contents.includes(from)) throw new Error(`${path} has changed: there is no ${from} to replace`)
  return contents.replace(from, to)
}
