import type { ClientConfiguration, ClientOs } from '../contract.ts'
import { Failure } from './failure.ts'

/**
 * Reads what the host wrote for this machine. Everything the TUI relies on is checked, for a damaged file must end in a
 * sentence and not in a dead screen.
 *
 * @throws {Failure} when the file is missing, is not JSON, or lacks something
 */
export function parseConfiguration(text: string | undefined, path: string): ClientConfiguration {
  const todo = 'Start this machine again; if it stays so, look at the output of boottorrent on the server.'
  if (text === undefined) throw new Failure(`The configuration ${path} is missing.`, { todo })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const details = [cause instanceof Error ? cause.message : String(cause)]
    throw new Failure(`The configuration ${path} is not JSON.`, { todo, details, cause })
  }
  const problem = findProblem(value)
  if (problem !== undefined) throw new Failure(`The configuration ${path} is wrong: ${problem}.`, { todo })
  return value as ClientConfiguration
}

type Table = Readonly<Record<string, unknown>>

function findProblem(value: unknown): string | undefined {
  if (!isTable(value)) return 'it is not an object'
  if (value.version !== 1) return `its version is ${JSON.stringify(value.version)}, this client reads version 1`
  if (typeof value.reportUrl !== 'string') return 'reportUrl is not text'
  if (typeof value.timeout !== 'number') return 'timeout is not a number'
  if (typeof value.seedTime !== 'number') return 'seedTime is not a number'
  if (!isTable(value.aria2)) return 'aria2 is not an object'
  for (const key of ['lpd', 'dht', 'pex', 'checkIntegrity'] as const) {
    if (typeof value.aria2[key] !== 'boolean') return `aria2.${key} is neither true nor false`
  }
  if (typeof value.aria2.logLevel !== 'string') return 'aria2.logLevel is not text'
  if (!['open', 'off', 'password'].includes(value.shell as string)) return `shell is ${JSON.stringify(value.shell)}`
  if (!Array.isArray(value.oss)) return 'oss is not a list'
  for (const [index, os] of value.oss.entries()) {
    const problem = findProblemOfOs(os)
    if (problem !== undefined) return `oss[${index}]: ${problem}`
  }
  if (!Array.isArray(value.hypervisors) || !value.hypervisors.every(isHypervisor))
    return 'hypervisors are not a list of torrents'
  if (!Array.isArray(value.machines) || !value.machines.every(isRule)) return 'machines are not a list of rules'
  const names = (value.oss as ClientOs[]).map((os) => os.name)
  if (value.defaultOs !== null && !names.includes(value.defaultOs as string)) {
    return `defaultOs ${JSON.stringify(value.defaultOs)} is not one of oss`
  }
  return undefined
}

function findProblemOfOs(os: unknown): string | undefined {
  if (!isTable(os)) return 'it is not an object'
  if (typeof os.name !== 'string' || !isFileName(os.name)) return 'name is not the name of a folder'
  if (typeof os.displayName !== 'string') return 'displayName is not text'
  if (typeof os.bytes !== 'number' || os.bytes < 0) return 'bytes is not a length'
  switch (os.method) {
    case 'kexec':
      if (!isInnerPath(os.kernel)) return 'kernel is not a path inside the folder'
      if (!Array.isArray(os.initrds) || !os.initrds.every(isInnerPath)) return 'initrds are not paths inside the folder'
      if (typeof os.initrdBytes !== 'number' || os.initrdBytes < 0) return 'initrdBytes is not a length'
      return typeof os.cmdline === 'string' ? undefined : 'cmdline is not text'
    case 'program':
      if (!isInnerPath(os.program)) return 'program is not a path inside the folder'
      if (os.loader !== null && typeof os.loader !== 'string') return 'loader is neither text nor null'
      if (typeof os.programBytes !== 'number' || os.programBytes < 0) return 'programBytes is not a length'
      return isTexts(os.args) ? undefined : 'args are not a list of texts'
    case 'qemu':
      return isTexts(os.args) ? undefined : 'args are not a list of texts'
    default:
      return `method ${JSON.stringify(os.method)} is unknown`
  }
}

function isHypervisor(one: unknown): boolean {
  if (!isTable(one) || typeof one.name !== 'string' || !isFileName(one.name)) return false
  return isTexts(one.kernels) && typeof one.bytes === 'number' && one.bytes >= 0
}

function isRule(rule: unknown): boolean {
  if (!isTable(rule) || !isTable(rule.match)) return false
  const isMatch = Object.values(rule.match).every((value) => typeof value === 'string')
  const areTexts = [rule.defaultOs, rule.cmdline].every((value) => value === null || typeof value === 'string')
  return isMatch && areTexts && (rule.timeout === null || typeof rule.timeout === 'number')
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0')
}

function isInnerPath(path: unknown): boolean {
  if (typeof path !== 'string' || path === '' || path.startsWith('/') || path.includes('\0')) return false
  return !path.split('/').includes('..')
}
