import { type Findings, type Place, wholeFile } from './problems.ts'
import type { Given, MappingType, Setting, Settings } from './schema.ts'
import type { Value } from './value.ts'
import { type Version1, version1 } from './version1.ts'

/** A setting from outside the file, which beats the file: a flag or an environment variable. */
export interface Override {
  /** Path in version 1: `network.interface`. One of {@link flags}. */
  readonly setting: string
  /** Several for a flag that was given several times. */
  readonly value: string | readonly string[]
  /** Where it came from, as a problem names it: `--interface`, `BOOTTORRENT_INTERFACE`. */
  readonly from: string
}

/** A setting that can be given outside the file. */
export interface Flag {
  /** Long flag without the dashes: `host-ip`. */
  readonly name: string
  /** `BOOTTORRENT_HOST_IP` */
  readonly variable: string
  /** Path in version 1: `network.host_ip`. */
  readonly setting: string
  readonly placeholder: string
  /** All values that it can have, when these are a few words. */
  readonly choices: readonly string[] | undefined
  /** Whether it may be given several times. */
  readonly isRepeatable: boolean
  /** One sentence without a final dot. */
  readonly summary: string
}

/** Every flag, in the order of the file. */
export const flags: readonly Flag[] = flagsOf(version1.settings, '')

/** The settings with the overrides in the place of what the file says. */
export function withOverrides(values: Version1, overrides: readonly Override[], findings: Findings): Version1 {
  let changed: Record<string, Given<unknown> | undefined> = values
  for (const { setting, value, from } of overrides) {
    const place = wholeFile(from)
    const [section, key] = setting.includes('.') ? setting.split('.', 2) : [undefined, setting]
    const settings: Settings | undefined =
      section === undefined ? version1.settings : settingsOf(version1.settings, section)
    const type = key === undefined ? undefined : settings?.[key]?.type
    if (!type || key === undefined) throw new RangeError(`there is no setting ${setting}`)
    const read: unknown = type.read(written(value, place), findings)
    if (read === undefined) continue
    const given = { value: read, place }
    if (section === undefined) {
      changed = { ...changed, [key]: given }
    } else {
      const before = changed[section]
      const inside = { ...(before?.value as object | undefined), [key]: given }
      changed = { ...changed, [section]: { place: before?.place ?? place, value: inside } }
    }
  }
  // Each value was read by the type of its own setting.
  return changed as Version1
}

function written(value: Override['value'], place: Place): Value {
  if (typeof value === 'string') return { kind: 'text', text: value, place }
  // Each may be a list of its own.
  return value.length === 1
    ? written(value[0] ?? '', place)
    : { kind: 'list', items: value.map((text) => written(text, place)), place }
}

function flagsOf(settings: Settings, prefix: string): Flag[] {
  return Object.entries(settings).flatMap(([key, setting]) => {
    const inside = settingsOf(settings, key)
    if (inside) return flagsOf(inside, `${prefix}${key}.`)
    return setting.flag === undefined ? [] : [flagOf(setting, setting.flag, `${prefix}${key}`)]
  })
}

function flagOf(setting: Setting<unknown>, name: string, path: string): Flag {
  return {
    name,
    variable: `BOOTTORRENT_${name.toUpperCase().replaceAll('-', '_')}`,
    setting: path,
    placeholder: setting.placeholder ?? 'value',
    choices: setting.type.choices,
    isRepeatable: setting.isRepeatable ?? false,
    summary: setting.summary ?? firstSentence(setting.meaning),
  }
}

function firstSentence(meaning: string): string {
  const [first = ''] = meaning.replaceAll('`', '').split(/(?<=\.) /, 1)
  return first.replace(/\.$/, '')
}

/** The settings inside a section. Undefined for a setting that is no section. */
export function settingsOf(settings: Settings, key: string): Settings | undefined {
  const type = settings[key]?.type
  return type && 'settings' in type ? (type as MappingType<Settings>).settings : undefined
}
