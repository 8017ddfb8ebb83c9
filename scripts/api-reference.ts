// Writes docs/api.md from the docstrings of what the package exports.
//
//     node scripts/api-reference.ts
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type ExportedSymbol, exportedSymbols } from './exported-symbols.ts'
import { libraryEntries } from './library.ts'

const root = path.dirname(import.meta.dirname)

/** The name under which programs import an entry. */
export function specifierOf(entry: string): string {
  return entry === 'index' ? 'boottorrent' : `boottorrent/${entry}`
}

const page = path.join(root, 'docs/api.md')

/** What stands above this line is written by hand. */
const note = '<!-- From here on written by scripts/api-reference.ts; change the docstrings in src instead. -->'

/** The whole page, as it should be. */
export function apiReference(): string {
  const [introduction = ''] = readFileSync(page, 'utf8').split(note)
  const sections = Object.entries(libraryEntries).map(([entry, source]) => section(entry, source))
  return [`${introduction}${note}`, '', ...sections].join('\n')
}

function section(entry: string, source: string): string {
  const symbols = exportedSymbols(path.join(root, source))
  const isRoot = entry === 'index'
  // What a subpath exports as well is explained there.
  const elsewhere = isRoot ? subpathsByFile() : new Map<string, string>()
  const here = symbols.filter((symbol) => !elsewhere.has(keyOf(symbol)))
  const there = symbols.filter((symbol) => elsewhere.has(keyOf(symbol)))
  const lines = [`## ${specifierOf(entry)}`, '', table(here)]
  if (there.length > 0) lines.push(alsoFrom(there, elsewhere))
  return lines.join('\n')
}

function table(symbols: readonly ExportedSymbol[]): string {
  const rows = symbols.map((symbol) => `| ${code(titleOf(symbol))} | ${symbol.kind} | ${lineOf(symbol)} |`)
  return ['| name | kind | what |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

function alsoFrom(symbols: readonly ExportedSymbol[], elsewhere: ReadonlyMap<string, string>): string {
  const rows = Object.keys(libraryEntries).flatMap((entry) => {
    const names = symbols.filter((symbol) => elsewhere.get(keyOf(symbol)) === entry).map(({ name }) => code(name))
    if (names.length === 0) return []
    const specifier = specifierOf(entry)
    return [`| [${specifier}](#${specifier.replace('/', '')}) | ${names.join(', ')} |`]
  })
  return ['It exports these of the subpaths as well:', '', '| from | names |', '| --- | --- |', ...rows, ''].join('\n')
}

/** What each subpath exports, so that it is explained once. */
function subpathsByFile(): Map<string, string> {
  const found = new Map<string, string>()
  for (const [entry, source] of Object.entries(libraryEntries)) {
    if (entry === 'index') continue
    for (const symbol of exportedSymbols(path.join(root, source))) {
      if (!found.has(keyOf(symbol))) found.set(keyOf(symbol), entry)
    }
  }
  return found
}

/** Two rooms may use one name for different things. */
function keyOf({ file, name }: ExportedSymbol): string {
  return `${file}#${name}`
}

function titleOf({ name, signature }: ExportedSymbol): string {
  return signature === undefined ? name : `${name}${signature}`
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

/** The first paragraph, and which errors are thrown. */
function lineOf({ documentation = '' }: ExportedSymbol): string {
  const [before = '', ...tags] = documentation.split(/^@/m)
  const [paragraph = ''] = before.split('\n\n')
  const thrown = tags.filter((tag) => tag.startsWith('throws ')).map((tag) => `Throws ${tag.slice('throws '.length)}`)
  const text = [paragraph, ...thrown].map(oneSentence).join(' ')
  return text.replaceAll(/\{@link ([^}]+)\}/g, '`$1`').replaceAll('|', '\\|')
}

function oneSentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return /[.:?!]$/.test(line) || line === '' ? line : `${line}.`
}

if (import.meta.main) writeFileSync(page, apiReference())
