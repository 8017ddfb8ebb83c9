import type { Place } from './problems.ts'

/**
 * What was written, and where: a YAML file as the schema reads it. Scalars stay text, because what `yes`, `010` or
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

/** Whether the mapping has a value for this key, right or wrong. */
export function isWritten(key: string, value: Value): boolean {
  return value.kind === 'mapping' && value.entries.some((entry) => entry.key === key && entry.value.kind !== 'nothing')
}
