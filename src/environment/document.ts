import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type Findings, type Place, quoted, wholeFile } from './problems.ts'
import type { List, Mapping, Value } from './value.ts'
import { syntaxProblem, TOO_DEEP } from './yaml-mistakes.ts'

/** Nothing in an environment is nested deeper than this; a file that is means harm, or is something else. */
const DEEPEST = 16
const MOST_MISTAKES = 5

/** Parses a YAML file. Undefined when it is no YAML, or has nothing in it; the findings then say why. */
export function parseYaml(text: string, file: string, findings: Findings): Value | undefined {
  const lines = new LineCounter()
  const document = parse(text, lines)
  if (!document) {
    findings.problem(wholeFile(file), 'yaml-syntax', TOO_DEEP.message, TOO_DEEP.hint)
    return undefined
  }
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const mistakes = [...document.errors, ...document.warnings]
  // One slip makes a parser stumble again and again; the first reports are those that help.
  for (const mistake of mistakes.slice(0, MOST_MISTAKES)) {
    const { message, hint } = syntaxProblem(mistake)
    findings.problem(placeOf(mistake.pos[0]), 'yaml-syntax', message, hint)
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
      this.#findings.problem(place, 'yaml-syntax', TOO_DEEP.message, TOO_DEEP.hint)
      return { kind: 'nothing', place }
    }
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      if (target) return this.valueOf(target, depth + 1)
      this.#findings.problem(
        place,
        'yaml-syntax',
        `there is no anchor ${quoted(node.source)} above`,
        'Write the value here.',
      )
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
          mapping.entries.push({
            key: name.text,
            keyPlace: name.place,
            value: this.#valueOfPair(name.place, value, depth),
          })
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
