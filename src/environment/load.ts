import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { assemble, type Spelling } from './assemble.ts'
import type { Configuration, Problem } from './configuration.ts'
import { parseYaml } from './document.ts'
import { fromVersion0 } from './from-version0.ts'
import { loadOperatingSystems } from './operating-systems.ts'
import { type Override, withOverrides } from './overrides.ts'
import { Findings, inReadingOrder, type Place, quoted, wholeFile } from './problems.ts'
import type { MappingOptions } from './schema.ts'
import { readTextFile } from './text-file.ts'
import type { Mapping, Value } from './value.ts'
import { version0 } from './version0.ts'
import { type Version1, version1 } from './version1.ts'

/** The one file that makes a folder an environment. */
export const FILE = 'Boottorrent.yaml'

/** An environment that was read: its configuration, or what is wrong with it. */
export interface LoadedEnvironment {
  /** Undefined when there are problems. */
  readonly configuration: Configuration | undefined
  /** What must be mended before anything can be served, in reading order. */
  readonly problems: readonly Problem[]
  /** What is worth knowing, in reading order. Also in the configuration. */
  readonly warnings: readonly Problem[]
}

/**
 * Reads and checks an environment. Never throws for what the user wrote, whatever it is.
 *
 * @param directory folder of the environment, relative to the current one
 * @param overrides settings from outside the file; a later one beats an earlier one
 */
export async function loadEnvironment(
  directory: string,
  overrides: readonly Override[] = [],
): Promise<LoadedEnvironment> {
  const findings = new Findings()
  const found = await read(path.resolve(directory), overrides, findings)
  const problems = inReadingOrder(findings.problems)
  const warnings = inReadingOrder(findings.warnings)
  const configuration = found && problems.length === 0 ? { ...found, warnings } : undefined
  return { configuration, problems, warnings }
}

async function read(
  directory: string,
  overrides: readonly Override[],
  findings: Findings,
): Promise<Configuration | undefined> {
  const tree = await readFile(directory, findings)
  if (!tree) return undefined
  const format = formatOf(tree, findings)
  if (!format) return undefined
  const written = format.read(tree, findings)
  if (!written) return undefined
  const values = withOverrides(written, overrides, findings)
  const { duplicates, spelling } = format
  const menu = values.boot?.value.menu
  const oss = await loadOperatingSystems({ directory, menu, duplicates }, findings)
  return assemble({ directory, values, oss, spelling, place: tree.place }, findings)
}

async function readFile(directory: string, findings: Findings): Promise<Mapping | undefined> {
  const whole = wholeFile(FILE)
  const file = await readTextFile(path.join(directory, FILE))
  if (!('text' in file)) {
    if (file.code === 'missing-file') await reportNoEnvironment(directory, findings)
    else findings.problem(whole, file.code, file.message, file.hint)
    return undefined
  }
  const tree = parseYaml(file.text, FILE, findings)
  if (!tree) return undefined
  if (tree.kind === 'nothing') {
    findings.problem(
      whole,
      'empty-file',
      'the file is empty',
      'Write at least "version: 1" into it; "boottorrent init" writes a whole one.',
    )
    return undefined
  }
  if (tree.kind !== 'mapping') {
    findings.problem(
      tree.place,
      'wrong-type',
      'the file does not consist of settings',
      'Write "version: 1" and sections like "boot:"; "boottorrent init" writes an example.',
    )
    return undefined
  }
  return tree
}

async function reportNoEnvironment(directory: string, findings: Findings): Promise<void> {
  const isFolder = await stat(directory).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  if (!isFolder) {
    findings.problem(
      wholeFile(FILE),
      'missing-file',
      `there is no folder ${quoted(directory)}`,
      `Correct the path, or make an environment there with "boottorrent init".`,
    )
    return
  }
  const names = await readdir(directory).catch(() => [])
  const similar = names.find((name) => /^boottorrent\.ya?ml$/i.test(name))
  const hint = similar
    ? `Rename ${similar} to ${FILE}.`
    : 'Name the folder of your environment, or make one with "boottorrent init".'
  findings.problem(wholeFile(FILE), 'missing-file', `the file is not in ${quoted(directory)}`, hint)
}

/** What depends on the version that the user chose. */
interface Format {
  readonly read: (tree: Value, findings: Findings) => Version1 | undefined
  readonly duplicates: MappingOptions['duplicates']
  readonly spelling: Spelling
}

const formats: Readonly<Record<string, Format>> = {
  '0': {
    read: (tree, findings) => {
      const values = version0.read(tree, findings)
      return values && fromVersion0(values, FILE, findings)
    },
    // PyYAML, with which 2018's program read its files, let the last of several equal keys win.
    duplicates: 'last wins',
    spelling: { defaultOs: 'default_os', clientLpd: 'aria2.bt_enable_lpd' },
  },
  '1': {
    read: (tree, findings) => version1.read(tree, findings),
    duplicates: 'error',
    spelling: { defaultOs: 'boot.default', clientLpd: 'client.lpd' },
  },
}

/** Only the version is looked at, so that everything else is read by the rules of its own version. */
function formatOf(tree: Mapping, findings: Findings): Format | undefined {
  const written = entry(tree, 'version') ?? entry(entry(tree, 'boottorrent'), 'version')
  if (!written || written.kind === 'nothing') {
    const isOld = tree.entries.some(({ key }) => Object.hasOwn(version0.settings, key))
    const hint = isOld ? 'Add "version: 0" under "boottorrent:".' : 'Add "version: 1" as the first line.'
    const place: Place = written?.place ?? tree.place
    findings.problem(place, 'missing-key', '"version" is missing', hint)
    return undefined
  }
  const version = written.kind === 'text' ? written.text.trim() : ''
  const format = Object.hasOwn(formats, version) ? formats[version] : undefined
  if (!format) {
    const found = written.kind === 'text' ? quoted(written.text) : `a ${written.kind}`
    findings.problem(
      written.place,
      'unsupported-version',
      `version ${found} of this format is not known`,
      'This boottorrent reads versions 0 and 1: write "version: 1", or use a newer boottorrent.',
    )
  }
  return format
}

function entry(tree: Value | undefined, key: string): Value | undefined {
  return tree?.kind === 'mapping' ? tree.entries.findLast((candidate) => candidate.key === key)?.value : undefined
}
