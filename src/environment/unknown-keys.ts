import { nearest } from './nearest.ts'

/** Keys that belong somewhere else, with the sentence that says where. */
export type Elsewhere = ReadonlyMap<string, string>

/** What to do about a key that is not known: the best guess at what was meant, or else what there is. */
export function hintForUnknownKey(key: string, here: readonly string[], elsewhere: Elsewhere): string {
  const exactElsewhere = elsewhere.get(key)
  if (exactElsewhere !== undefined) return exactElsewhere
  const guess = nearest(key, here)
  if (guess !== undefined) return `Did you mean "${guess}"?`
  const guessElsewhere = nearest(key, elsewhere.keys())
  const hint = guessElsewhere === undefined ? undefined : elsewhere.get(guessElsewhere)
  return hint ?? `Known here: ${here.join(', ')}.`
}

/** The keys of all sections but one, each with the sections that know it. */
export function keysOfSections(
  sections: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  except?: string,
): Map<string, string> {
  const owners = new Map<string, string[]>()
  for (const [name, settings] of Object.entries(sections)) {
    if (name === except) continue
    for (const key of Object.keys(settings)) owners.set(key, [...(owners.get(key) ?? []), `${name}:`])
  }
  return new Map([...owners].map(([key, names]) => [key, `Did you mean the "${key}" of ${names.join(' or ')}?`]))
}
