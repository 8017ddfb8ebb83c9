// Writes the declarations of the library to dist/types: those that its entries lead to, and no others.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { libraryEntries } from './library.ts'

const root = path.dirname(import.meta.dirname)

const relativeImport = /((?:from |import\()['"])(\.[^'"]+)\.tsx?(['"])/g

export function writeTypes(): void {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.types.json')], {
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error('The declarations could not be written.')
  const folder = path.join(root, 'dist/types')
  const reached = new Set<string>()
  for (const entry of Object.values(libraryEntries)) follow(path.join(folder, declarationOf(entry)), reached)
  removeOthers(folder, reached)
}

/** A declaration, and those that it imports. TypeScript leaves the sources' extension in them, which nothing resolves. */
function follow(file: string, reached: Set<string>): void {
  if (reached.has(file)) return
  reached.add(file)
  const lines = readFileSync(file, 'utf8').split('\n')
  const rewritten = lines.map((line) => {
    // Examples in comments stay as they are.
    if (line.trimStart().startsWith('*')) return line
    return line.replaceAll(relativeImport, (_, before: string, specifier: string, quote: string) => {
      follow(path.join(path.dirname(file), `${specifier}.d.ts`), reached)
      return `${before}${specifier}.js${quote}`
    })
  })
  writeFileSync(file, rewritten.join('\n'))
}

function declarationOf(source: string): string {
  return source.replace(/\.tsx?$/, '.d.ts')
}

function removeOthers(folder: string, wanted: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name)
    if (statSync(file).isDirectory()) removeOthers(file, wanted)
    else if (!wanted.has(file)) rmSync(file)
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}
