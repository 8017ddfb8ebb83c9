import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import { listFolder } from '../served-folder.ts'
import type { OperatingSystem } from './configuration.ts'
import { parseYaml } from './document.ts'
import { nearest } from './nearest.ts'
import { keysOfMethod, type Method, type OsValues, osConfig } from './os-config.ts'
import { OsFiles } from './os-files.ts'
import { foldersIn, namesInMenu } from './oss-folders.ts'
import { checkPlaceholders } from './placeholders.ts'
import { type Findings, quoted, wholeFile } from './problems.ts'
import { qemuFiles } from './qemu-files.ts'
import type { Given, MappingOptions } from './schema.ts'
import { readTextFile } from './text-file.ts'
import { isWritten, type Value } from './value.ts'

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
  // A file that the configuration names and that cannot be used has been reported already.
  const isServable = started !== undefined && (await checkServable(name, directory, findings))
  return { dispname: values.dispname, os: isServable ? { ...base, ...started } : undefined }
}

/** Whether everything in the folder can be downloaded by machines: what a torrent cannot carry is a problem. */
async function checkServable(name: string, directory: string, findings: Findings): Promise<boolean> {
  try {
    await listFolder(directory, ['config.yaml'])
    return true
  } catch (error) {
    if (!(error instanceof BoottorrentError)) throw error
    findings.problem(wholeFile(`oss/${name}`), 'not-servable', error.message, error.hint ?? '')
    return false
  }
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
      if (values.cmdline) checkPlaceholders(values.cmdline, findings)
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
