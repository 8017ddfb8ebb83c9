import { formatBytes, formatDuration } from '../../src/ui/format.ts'
import type { ClientConfiguration, ClientMachineRule } from '../contract.ts'
import type { Surroundings } from './attempt.ts'
import { availableMemory, kernelRelease, modelName, processorCount, processorName, totalMemory } from './machine.ts'
import { type MachineFacts, readMachineFacts, ruleOf } from './machine-rule.ts'
import type { Section } from './state.ts'

/** What somebody who looks after this machine wants to know of it, and of the server. */
export function describeBoth(
  { system, settings }: Pick<Surroundings, 'system' | 'settings'>,
  configuration: ClientConfiguration,
): Section[] {
  const facts = readMachineFacts(system, settings.identity)
  const { mac, ip, hostname, server, uuid, architecture } = facts
  const memory = totalMemory(system)
  const available = availableMemory(system)
  const cpu = `${processorCount(system)} x ${processorName(system) || 'unknown'}`
  const machine: [string, string][] = [
    ['Network', [hostname, ip, mac].filter((part) => part !== '').join(', ')],
    ['Model', modelName(system)],
    ['UUID', uuid],
    ['Memory', `${known(memory)}, ${known(available)} free`],
    ['Processor', cpu],
    ['Kernel', kernelRelease(system)],
    ['Firmware', `${FIRMWARE[architecture]}${settings.isLockedDown ? ', Secure Boot' : ''}`],
  ]
  const { oss, seedTime } = configuration
  const bytes = oss.reduce((sum, os) => sum + os.bytes, 0)
  const host: [string, string][] = [
    ['Address', server],
    ['Systems', `${oss.length}, ${formatBytes(bytes)}`],
    ['Start', describeStart(configuration)],
    ['Seeding', seedTime > 0 ? `at most ${formatDuration(seedTime)}` : 'off'],
    ['Rule', describeRule(ruleOf(configuration.machines, facts))],
  ]
  const told = (facts: [string, string][]) => facts.map(([name, value]) => [name, value || 'unknown'] as const)
  return [
    { title: 'This machine', facts: told(machine) },
    { title: 'The server', facts: told(host) },
  ]
}

const FIRMWARE: Readonly<Record<MachineFacts['architecture'], string>> = {
  bios: 'BIOS',
  'uefi-ia32': 'UEFI, 32-bit',
  'uefi-x64': 'UEFI, 64-bit',
}

function known(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : formatBytes(bytes)
}

function describeStart({ oss, defaultOs, timeout }: ClientConfiguration): string {
  const name = oss.find((os) => os.name === defaultOs)?.displayName
  if (name === undefined) return 'nothing by itself'
  return timeout < 0 ? `${name}, when it is chosen` : `${name} after ${formatDuration(timeout)}`
}

/** Which rule of `machines:` is this machine's, and what it changes. */
function describeRule(rule: ClientMachineRule | undefined): string {
  if (!rule) return 'none for this machine'
  const match = Object.entries(rule.match).map(([name, value]) => `${name} ${value}`)
  const changed = [
    rule.defaultOs === null ? [] : ['default'],
    rule.timeout === null ? [] : ['timeout'],
    rule.cmdline === null ? [] : ['cmdline'],
  ].flat()
  return `${match.join(' ')}: ${changed.join(', ') || 'nothing of the menu'}`
}
