import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { OperatingSystem } from './configuration.ts'
import { parseYaml } from './document.ts'
import { nearest } from './nearest.ts'
import { keysOfMethod, type Method, type OsValues, osConfig } from './os-config.ts'
import { OsFiles } from './os-files.ts'
import { type Findings, type Place, quoted, wholeFile } from './problems.ts'
import { qemuFiles } from './qemu-files.ts'
import type { Given, MappingOptions } from './schema.ts'
import { readTextFile } from './text-file.ts'
import { hasControlCharacters } from './types.ts'
import { isWritten, type Value } from './value.ts'

/** A file name has 255 bytes; `.torrent` and the downloader's `.aria2` are appended to it. */
const LONGEST_NAME = 240

export interface OssOptions {
  /** Absolute path of the environment's folder. */
  readonly directory: string
  /** Which systems to offer, in this order. Undefined: all, sorted by name. */
  readonly menu: Given<readonly Given<string>[]> | undefined
  readonly duplicates: MappingOptions['duplicates']
}

export interface Oss {
  /** The systems that can be offered, in menu order. */
  readonly oss: readonly OperatingSystem[]
  /** Names of those that the menu should offer, right or wrong. */
  readonly offered: readonly string[]
  /** Names of all folders in oss/. */
  readonly folders: readonly string[]
}

/** Reads oss/ with the config.yaml of every system, and checks that the files they name are there. */
export async function loadOperatingSystems(options: OssOptions, findings: Findings): Promise<Oss> {
  const folders = await foldersIn(path.join(options.directory, 'oss'), findings)
  const names = options.menu ? namesInMenu(options.menu.value, folders, findings) : folders
  const oss: OperatingSystem[] = []
  const owners = new Map<string, string>()
  for (const name of names) {
    const loaded = await loadOperatingSystem(name, options, findings)
    if (!loaded) continue
    const { os, dispname } = loaded
    const owner = owners.get(dispname.value.normalize())
    if (owner !== undefined) {
      findings.problem(
        dispname.place,
        'duplicate-name',
        `oss/${owner} is called ${quoted(dispname.value)} too`,
        'Give one of the two another dispname.',
      )
    }
    owners.set(dispname.value.normalize(), name)
    if (os) oss.push(os)
  }
  return { oss, offered: names, folders }
}

async function foldersIn(directory: string, findings: Findings): Promise<string[]> {
  let names: Buffer[]
  try {
    names = await readdir(directory, { encoding: 'buffer' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      findings.warning(
        wholeFile('oss'),
        'no-os',
        'there is no folder oss/, so the menu is empty',
        'Make oss/<name>/ with a system and its config.yaml.',
      )
    } else if (code === 'ENOTDIR') {
      findings.problem(
        wholeFile('oss'),
        'not-a-file',
        'oss is not a folder',
        'Make it a folder with one folder for each system.',
      )
    } else {
      findings.problem(
        wholeFile('oss'),
        'unreadable-file',
        `the folder cannot be read (${code})`,
        'Give this user the right to read it.',
      )
    }
    return []
  }
  const folders: string[] = []
  for (const bytes of names) {
    const isFolder = await stat(Buffer.concat([Buffer.from(directory + path.sep), bytes])).then(
      (stats) => stats.isDirectory(),
      () => false,
    )
    // Hidden folders belong to tools, not to the menu.
    if (!isFolder || bytes[0] === '.'.charCodeAt(0)) continue
    const name = nameThatTravels(bytes, findings)
    if (name !== undefined) folders.push(name)
  }
  if (folders.length === 0) {
    findings.warning(
      wholeFile('oss'),
      'no-os',
      'oss/ has no system yet, so the menu is empty',
      'Make oss/<name>/ with a system and its config.yaml.',
    )
  }
  return folders.sort()
}

/** A folder's name becomes the name of a torrent, of a file on the machine and of a line in the menu. */
function nameThatTravels(bytes: Buffer, findings: Findings): string | undefined {
  const name = bytes.toString()
  const refuse = (why: string) => {
    findings.problem(
      wholeFile(`oss/${name}`),
      'os-name',
      `the name of the folder ${why}`,
      'Rename the folder: letters, digits, ".", "-" and "_" always work.',
    )
    return undefined
  }
  if (!Buffer.from(name).equals(bytes)) return refuse('is not UTF-8')
  if (hasControlCharacters(name)) return refuse('contains control characters')
  if (name.includes('\\')) return refuse('contains a backslash')
  if (name.trim() !== name) return refuse('begins or ends with a blank')
  if (bytes.length > LONGEST_NAME) return refuse(`is longer than ${LONGEST_NAME} bytes`)
  return name
}

function namesInMenu(menu: readonly Given<string>[], folders: readonly string[], findings: Findings): string[] {
  const names = new Set<string>()
  for (const { value, place } of menu) {
    if (!folders.includes(value)) unknownOs(value, place, folders, findings)
    else if (names.has(value))
      findings.warning(place, 'duplicate-name', `${quoted(value)} is listed twice`, 'Remove one of the two.')
    else names.add(value)
  }
  return [...names]
}

/** Reports a name that is not the name of a folder in oss/. */
export function unknownOs(name: string, place: Place, folders: readonly string[], findings: Findings): void {
  const guess = nearest(name, folders)
  const known = folders.length === 0 ? 'oss/ has no systems yet.' : `Systems here: ${folders.slice(0, 20).join(', ')}.`
  findings.problem(
    place,
    'unknown-os',
    `there is no system ${quoted(name)} in oss/`,
    guess ? `Did you mean "${guess}"?` : known,
  )
}

/** What a config.yaml says. `os` is undefined when the system cannot be offered. */
interface Loaded {
  readonly dispname: Given<string>
  readonly os: OperatingSystem | undefined
}

async function loadOperatingSystem(name: string, options: OssOptions, findings: Findings): Promise<Loaded | undefined> {
  const directory = path.join(options.directory, 'oss', name)
  const file = `oss/${name}/config.yaml`
  const read = await readTextFile(path.join(directory, 'config.yaml'))
  if (!('text' in read)) {
    const hint =
      read.code === 'missing-file' ? 'Write one with dispname and method; docs/configuration.md shows how.' : read.hint
    findings.problem(wholeFile(file), read.code, read.message, hint)
    return undefined
  }
  const tree = parseYaml(read.text, file, findings)
  if (!tree) return undefined
  if (tree.kind === 'nothing') {
    findings.problem(wholeFile(file), 'empty-file', 'the file is empty', 'Write dispname and method into it.')
    return undefined
  }
  const values = osConfig(options.duplicates).read(tree, findings)
  if (!values?.dispname) return undefined
  const base = { name, displayName: values.dispname.value, directory }
  const started =
    values.method && (await startOf(values, values.method, new OsFiles(directory, findings), tree, findings))
  return { dispname: values.dispname, os: started && { ...base, ...started } }
}

/** How a system is started: the part of OperatingSystem that depends on the method. */
type Start = OperatingSystem extends infer O
  ? O extends OperatingSystem
    ? Omit<O, 'name' | 'displayName' | 'directory'>
    : never
  : never

async function startOf(
  values: OsValues,
  written: Given<string>,
  files: OsFiles,
  tree: Value,
  findings: Findings,
): Promise<Start | undefined> {
  const method = written.value
  if (!isMethod(method)) {
    const known = Object.keys(keysOfMethod)
    const guess = nearest(method, known)
    findings.problem(
      written.place,
      'unknown-method',
      `there is no method ${quoted(method)}`,
      guess ? `Did you mean "${guess}"?` : `Methods: ${known.join(', ')}.`,
    )
    return undefined
  }
  warnOfOtherKeys(values, method, findings)
  const missing = (key: keyof OsValues) => {
    // A key whose value is wrong has been reported already; a second line about it would only confuse.
    if (!isWritten(key, tree))
      findings.problem(tree.place, 'missing-key', `"${key}" is missing`, `The method ${method} needs it.`)
    return undefined
  }
  switch (method) {
    case 'kexec': {
      if (!values.kernel) return missing('kernel')
      const kernel = await files.check(values.kernel)
      const initrds = await Promise.all((values.initrd?.value ?? []).map((initrd) => files.check(initrd)))
      if (kernel === undefined || !allThere(initrds)) return undefined
      return { method: 'kexec', kernel, initrds, cmdline: values.cmdline?.value ?? '' }
    }
    case 'qemu-iso': {
      if (!values.isofile) return missing('isofile')
      const isofile = await files.check(values.isofile)
      return isofile === undefined ? undefined : { method: 'qemu', args: ['-cdrom', isofile] }
    }
    case 'bin-qemu-x86_64': {
      if (!values.args) return missing('args')
      const { value: args, place } = values.args
      const checked = await Promise.all(qemuFiles(args).map((value) => files.check({ value, place })))
      return allThere(checked) ? { method: 'qemu', args } : undefined
    }
    case 'bin': {
      if (!values.bin) return missing('bin')
      const program = await files.check(values.bin)
      return program === undefined ? undefined : { method: 'program', program, args: values.binargs?.value ?? [] }
    }
  }
}

function isMethod(word: string): word is Method {
  return Object.hasOwn(keysOfMethod, word)
}

function allThere(files: readonly (string | undefined)[]): files is readonly string[] {
  return !files.includes(undefined)
}

function warnOfOtherKeys(values: OsValues, method: Method, findings: Findings): void {
  const used: readonly string[] = ['dispname', 'method', ...keysOfMethod[method]]
  for (const [key, setting] of Object.entries(values)) {
    if (setting && !used.includes(key))
      findings.warning(
        setting.place,
        'no-effect',
        `"${key}" has no effect with the method ${method}`,
        'Remove the line.',
      )
  }
}
