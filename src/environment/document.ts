import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type Findings, type Place, quoted, wholeFile } from './problems.ts'

/**
 * A YAML file as the schema reads it: what was written, and where. Scalars stay text, because what `yes`, `010` or
 * `52:54:00:12:34:56` means depends on the setting, and YAML 1.1 (2018) and YAML 1.2 (today) guess differently.
 */
export type Value = Text | List | Mapping | Nothing

export interface Text {
  readonly kind: 'text'
  readonly text: string
  readonly place: Place
}

export interface List {
  readonly kind: 'list'
  readonly items: Value[]
  readonly place: Place
}

export interface Mapping {
  readonly kind: 'mapping'
  /** In the order of the file; a key may stand there twice. */
  readonly entries: Entry[]
  readonly place: Place
}

/** `key:` with nothing behind it, `~` or `null`. */
export interface Nothing {
  readonly kind: 'nothing'
  readonly place: Place
}

export interface Entry {
  readonly key: string
  readonly keyPlace: Place
  readonly value: Value
}

/** Nothing in an environment is nested deeper than this; a file that is means harm, or is something else. */
const DEEPEST = 16

/** Parses a YAML file. Undefined when it is no YAML, or has nothing in it; the findings then say why. */
export function parseYaml(text: string, file: string, findings: Findings): Value | undefined {
  const lines = new LineCounter()
  const document = parse(text, lines)
  if (!document) {
    findings.problem(wholeFile(file), 'yaml-syntax', 'the file is nested too deeply', 'Write it with fewer brackets.')
    return undefined
  }
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const mistakes = [...document.errors, ...document.warnings]
  for (const mistake of mistakes) {
    findings.problem(placeOf(mistake.pos[0]), 'yaml-syntax', `this is not YAML: ${firstLine(mistake.message)}`, hintFor(mistake.code))
  }
  if (mistakes.length > 0) return undefined
  return new Tree(placeOf, findings).valueOf(document.contents)
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    // The schema reports duplicate keys itself: the parser's own search takes quadratic time.
    return parseDocument(text, { lineCounter, schema: 'failsafe', uniqueKeys: false, prettyErrors: false })
  } catch (error) {
    // The parser is recursive: a file of nothing but brackets exhausts the stack.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Turns the parser's nodes into values. An alias becomes the very value it stands for, so a bomb of aliases stays small. */
class Tree {
  readonly #placeOf: (offset: number) => Place
  readonly #findings: Findings
  readonly #values = new Map<Node, Value>()
  readonly #anchors = new Map<string, Node>()

  constructor(placeOf: (offset: number) => Place, findings: Findings) {
    this.#placeOf = placeOf
    this.#findings = findings
  }

  valueOf(node: unknown, depth = 0): Value {
    const place = this.#placeOf((node as Node | null)?.range?.[0] ?? 0)
    if (depth > DEEPEST) {
      this.#findings.problem(place, 'yaml-syntax', 'this is nested too deeply', 'Nothing here is more than a few levels deep.')
      return { kind: 'nothing', place }
    }
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      if (target) return this.valueOf(target, depth + 1)
      this.#findings.problem(place, 'yaml-syntax', `there is no anchor ${quoted(node.source)} above`, 'Write the value here.')
      return { kind: 'nothing', place }
    }
    if (isScalar(node)) {
      if (node.anchor) this.#anchors.set(node.anchor, node)
      const text = String(node.value ?? '')
      const isNothing = node.type === 'PLAIN' && ['', '~', 'null', 'Null', 'NULL'].includes(text)
      return isNothing ? { kind: 'nothing', place } : { kind: 'text', text, place }
    }
    if (isMap(node) || isSeq(node)) return this.#collection(node, place, depth)
    return { kind: 'nothing', place }
  }

  #collection(node: Node, place: Place, depth: number): Value {
    const known = this.#values.get(node)
    if (known) return known
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node)
    if (isSeq(node)) {
      const list: List = { kind: 'list', items: [], place }
      this.#values.set(node, list)
      for (const item of node.items) list.items.push(this.valueOf(item, depth + 1))
      return list
    }
    const mapping: Mapping = { kind: 'mapping', entries: [], place }
    this.#values.set(node, mapping)
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = this.valueOf(key, depth + 1)
        if (name.kind === 'text') {
          mapping.entries.push({ key: name.text, keyPlace: name.place, value: this.#valueOfPair(name.place, value, depth) })
        } else {
          this.#findings.problem(name.place, 'wrong-type', 'a key must be a word', 'Write it as "key: value".')
        }
      }
    }
    return mapping
  }

  /** A key that has no node for its value at all (`? key`) has its own place as the value's. */
  #valueOfPair(keyPlace: Place, value: unknown, depth: number): Value {
    return value === null || value === undefined ? { kind: 'nothing', place: keyPlace } : this.valueOf(value, depth + 1)
  }
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? ''
  return quotedOnly(line.length > 200 ? `${line.slice(0, 200)}…` : line)
}

/** The parser's messages repeat parts of the file. */
function quotedOnly(text: string): string {
  return quoted(text).slice(1, -1)
}

function hintFor(code: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'Indent with spaces instead of tabs.'
    case 'BAD_INDENT':
      return 'Let keys that belong together start in the same column.'
    case 'MISSING_CHAR':
      return 'Look for a missing quotation mark, bracket or colon here or just above.'
    case 'MULTIPLE_DOCS':
      return 'Keep one document in the file: remove the line "---" and what follows.'
    case 'TAG_RESOLVE_FAILED':
      return 'Remove the word that begins with "!".'
    default:
      return 'Write "key: value", one to a line, and indent with spaces.'
  }
}
