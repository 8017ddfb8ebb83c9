import { type Findings, type Place, quoted } from './problems.ts'
import { type Elsewhere, hintForUnknownKey } from './unknown-keys.ts'
import { isWritten, type Text, type Value } from './value.ts'

/**
 * What a setting may be: reads a value and reports what is wrong with it. The same description writes the reference in
 * docs/configuration.md.
 */
export interface Type<T> {
  /** What belongs there, after "expected": `a whole number of seconds`. */
  readonly expected: string
  /** All that it can be, when these are a few words. */
  readonly choices?: readonly string[]
  /** Undefined when the value is wrong; the findings then say why. */
  read(value: Value, findings: Findings): T | undefined
}

/** One key of a mapping. */
export interface Setting<T> {
  readonly type: Type<T>
  /** What it does, in one or two sentences. */
  readonly meaning: string
  /** What holds when it is absent, as the reference prints it. */
  readonly default?: string
  /** True when it must be there. */
  readonly required?: true
  /** Long command-line flag that sets it, without the dashes; its variable is BOOTTORRENT_ and the same in capitals. */
  readonly flag?: string
  /** True when the flag may be given several times. */
  readonly isRepeatable?: true
  /** What the help says about the flag, where the first sentence of the meaning would not do. */
  readonly summary?: string
  /** Placeholder of the flag's value in the help. */
  readonly placeholder?: string
}

/** A value that the user wrote, with its place. */
export interface Given<T> {
  readonly value: T
  readonly place: Place
}

// biome-ignore lint/suspicious/noExplicitAny: the type of each setting is kept by inference.
export type Settings = Readonly<Record<string, Setting<any>>>

/** What a mapping with these settings holds after it was read. What the user did not write is undefined. */
export type ValuesOf<S extends Settings> = {
  readonly [K in keyof S]: Given<S[K] extends Setting<infer T> ? T : never> | undefined
}

/** A mapping: the settings are known to the reference and to the flags too. */
export interface MappingType<S extends Settings> extends Type<ValuesOf<S>> {
  readonly settings: S
}

export interface MappingOptions {
  /** What the mapping is called in "unknown key … in …". */
  readonly name?: string
  /** PyYAML let the last of several equal keys win, so files of 2018 may have them. */
  readonly duplicates?: 'error' | 'last wins'
  /** One of these must be there. */
  readonly oneOf?: readonly string[]
  /** Keys that belong into another mapping. */
  readonly elsewhere?: Elsewhere
}

/** A mapping with exactly these keys. */
export function mapping<S extends Settings>(settings: S, options: MappingOptions = {}): MappingType<S> {
  return {
    expected: 'a mapping ("key: value" lines)',
    settings,
    read(value, findings) {
      if (value.kind !== 'mapping') return wrongType(value, this.expected, findings)
      const values: Record<string, Given<unknown> | undefined> = Object.create(null)
      const seen = new Map<string, Place>()
      for (const { key, keyPlace, value: written } of value.entries) {
        const setting = Object.hasOwn(settings, key) ? settings[key] : undefined
        if (!setting) {
          reportUnknownKey(key, keyPlace, settings, options, findings)
          continue
        }
        const earlier = seen.get(key)
        if (earlier) reportDuplicate(key, keyPlace, earlier, options, findings)
        seen.set(key, keyPlace)
        if (written.kind === 'nothing') continue
        const read = setting.type.read(written, findings)
        if (read !== undefined) values[key] = { value: read, place: written.place }
      }
      reportMissing(value, seen, settings, findings)
      if (options.oneOf && !options.oneOf.some((key) => isWritten(key, value))) {
        const keys = options.oneOf.join(', ')
        findings.problem(value.place, 'missing-key', `none of ${keys} is there`, 'Add one of them.')
      }
      return values as ValuesOf<S>
    },
  }
}

/** Several of the same. One value without brackets is a list of one. */
export function listOf<T>(item: Type<T>, options: { expected: string; separator?: RegExp }): Type<readonly Given<T>[]> {
  return {
    expected: options.expected,
    read(value, findings) {
      if (value.kind === 'nothing') return []
      const items = value.kind === 'list' ? value.items : split(value, options.separator)
      return items.flatMap((one) => {
        const read = item.read(one, findings)
        return read === undefined ? [] : [{ value: read, place: one.place }]
      })
    },
  }
}

/** A single value, read from its text. */
export function scalar<T>(expected: string, parse: (text: string) => T | Wrong): Type<T> {
  return {
    expected,
    read(value, findings) {
      if (value.kind !== 'text') return wrongType(value, expected, findings)
      const parsed = parse(value.text)
      if (!(parsed instanceof Wrong)) return parsed
      const why = parsed.message ?? `${quoted(value.text)} is not ${expected}`
      findings.problem(value.place, 'wrong-value', why, parsed.hint ?? `Write ${expected}.`)
      return undefined
    },
  }
}

/** What the parser of a {@link scalar} returns for text that does not fit. */
export class Wrong {
  readonly message: string | undefined
  readonly hint: string | undefined

  constructor(message?: string, hint?: string) {
    this.message = message
    this.hint = hint
  }
}

/** Reports that the value is of another kind than expected. */
export function wrongType(value: Value, expected: string, findings: Findings): undefined {
  const kinds = { text: 'a single value', list: 'a list', mapping: 'a mapping', nothing: 'nothing' }
  const found = value.kind === 'text' ? quoted(value.text) : kinds[value.kind]
  findings.problem(value.place, 'wrong-type', `expected ${expected}, found ${found}`, `Write ${expected}.`)
  return undefined
}

function split(value: Value, separator: RegExp | undefined): Value[] {
  if (value.kind !== 'text' || !separator) return [value]
  const parts = value.text.split(separator).filter((part) => part !== '')
  return parts.map((text): Text => ({ ...value, text }))
}

function reportUnknownKey(
  key: string,
  place: Place,
  settings: Settings,
  { name, elsewhere = new Map() }: MappingOptions,
  findings: Findings,
): void {
  const inside = name ? ` in ${name}` : ''
  const hint = hintForUnknownKey(key, Object.keys(settings), elsewhere)
  findings.problem(place, 'unknown-key', `unknown key ${quoted(key)}${inside}`, hint)
}

function reportDuplicate(key: string, place: Place, earlier: Place, options: MappingOptions, findings: Findings): void {
  const message = `${quoted(key)} is already set in line ${earlier.line}`
  if (options.duplicates === 'last wins') {
    findings.warning(place, 'duplicate-key', message, 'The last one counts; remove the others.')
  } else {
    findings.problem(place, 'duplicate-key', message, 'Keep one of the two.')
  }
}

/** A key that is there but wrong has been reported already. */
function reportMissing(value: Value, seen: ReadonlyMap<string, Place>, settings: Settings, findings: Findings): void {
  for (const [key, setting] of Object.entries(settings)) {
    if (!setting.required || isWritten(key, value)) continue
    const place = seen.get(key) ?? value.place
    findings.problem(place, 'missing-key', `"${key}" is missing`, `Add "${key}:" with ${setting.type.expected}.`)
  }
}
