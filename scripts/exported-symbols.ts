// Finds what a module exports, with the docstrings, in sources and in declarations alike. TypeScript 7 has no API for that
// in its package; these modules export in few ways, and whatever is not understood is an error.
import { readFileSync } from 'node:fs'
import path from 'node:path'

export interface ExportedSymbol {
  readonly name: string
  readonly kind: 'function' | 'class' | 'const' | 'interface' | 'type'
  /** Of a function: parameters and result, on one line. */
  readonly signature: string | undefined
  /** The docstring as it stands there, without stars; undefined when there is none. */
  readonly documentation: string | undefined
  /** Path of the file that declares it. */
  readonly file: string
}

/** Everything that the module at `file` exports, sorted by name. */
export function exportedSymbols(file: string): ExportedSymbol[] {
  return [...exportsOf(file).values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const LIST = /^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?/gm
const STAR = /^export (?:type )?\* from '([^']+)'/gm
const IMPORT = /^import (?:type )?\{([^}]*)\} from '([^']+)'/gm
const DECLARATION =
  /^export (?:declare )?(?:async )?(?:abstract )?(function\*?|class|const|interface|type) ([A-Za-z_$][\w$]*)/gm

function exportsOf(file: string): Map<string, ExportedSymbol> {
  const text = readFileSync(file, 'utf8')
  const found = new Map<string, ExportedSymbol>()
  for (const [, from = ''] of text.matchAll(STAR)) {
    for (const [name, symbol] of exportsOf(moduleAt(file, from))) found.set(name, symbol)
  }
  for (const [, names = '', from] of text.matchAll(LIST)) {
    for (const { name, as } of namesIn(names)) {
      const source = from ?? importedFrom(text, name)
      const symbol = source === undefined ? undefined : exportsOf(moduleAt(file, source)).get(name)
      if (symbol === undefined) throw new Error(`${file} exports ${name}, and nobody knows from where`)
      found.set(as, { ...symbol, name: as })
    }
  }
  for (const match of text.matchAll(DECLARATION)) {
    const [, keyword = '', name = ''] = match
    const kind = keyword.replace('*', '') as ExportedSymbol['kind']
    const signature = kind === 'function' ? signatureAfter(text, match.index + match[0].length) : undefined
    found.set(name, { name, kind, signature, documentation: docstringBefore(text, match.index), file })
  }
  return found
}

function namesIn(list: string): { name: string; as: string }[] {
  const items = list.split(',').map((item) => item.trim().replace(/^type /, ''))
  return items
    .filter((item) => item !== '')
    .map((item) => {
      const [name = '', as = name] = item.split(' as ')
      return { name, as }
    })
}

function importedFrom(text: string, wanted: string): string | undefined {
  for (const [, names = '', from] of text.matchAll(IMPORT)) {
    if (namesIn(names).some(({ as }) => as === wanted)) return from
  }
  return undefined
}

/** Declarations name modules by the extension that they have at run time. */
function moduleAt(file: string, specifier: string): string {
  const target = path.join(path.dirname(file), specifier)
  return file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target
}

function docstringBefore(text: string, at: number): string | undefined {
  const before = text.slice(0, at).trimEnd()
  if (!before.endsWith('*/')) return undefined
  const comment = before.slice(before.lastIndexOf('/*'))
  if (!comment.startsWith('/**')) return undefined
  const lines = comment.slice(3, -2).split('\n')
  return lines
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

/** From the bracket that opens the parameters to the body, or to the end of a declaration. */
function signatureAfter(text: string, at: number): string {
  let depth = 0
  let end = at
  for (; end < text.length; end += 1) {
    const character = text[end] as string
    if (depth === 0 && (character === ';' || (character === '{' && !/[:|<]\s*$/.test(text.slice(at, end))))) break
    if ('([{'.includes(character)) depth += 1
    if (')]}'.includes(character)) depth -= 1
  }
  const signature = text.slice(at, end).replace(/\/\*\*.*?\*\//gs, '')
  return signature.replace(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(', )', ')').trim()
}
