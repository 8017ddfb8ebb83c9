import { type ClientConfiguration, type ClientMachineRule, type ClientOs, cmdlinePlaceholders } from '../contract.ts'
import type { Identity } from './state.ts'
import type { System } from './system.ts'

/** What rules and command lines may name this machine by. */
export interface MachineFacts {
  readonly mac: string
  readonly ip: string
  readonly hostname: string
  /** As `http://192.0.2.1:8000`. */
  readonly server: string
  /** As the firmware tells it, in lower case; '' when it tells none. */
  readonly uuid: string
  readonly architecture: 'bios' | 'uefi-ia32' | 'uefi-x64'
}

export function readMachineFacts(system: System, identity: Identity): MachineFacts {
  const { mac, ip, hostname, server } = identity
  const uuid = system.readFile('/sys/class/dmi/id/product_uuid')?.trim().toLowerCase() ?? ''
  return { mac: mac.toLowerCase(), ip, hostname, server, uuid, architecture: readArchitecture(system) }
}

/** The firmware's own width, which a 32-bit kernel on 64-bit firmware knows as well. */
function readArchitecture(system: System): MachineFacts['architecture'] {
  if (!system.exists('/sys/firmware/efi')) return 'bios'
  return system.readFile('/sys/firmware/efi/fw_platform_size')?.trim() === '32' ? 'uefi-ia32' : 'uefi-x64'
}

/** The first rule that is about this machine; undefined when there is none. */
export function ruleOf(rules: readonly ClientMachineRule[], facts: MachineFacts): ClientMachineRule | undefined {
  return rules.find(({ match }) => {
    if ('mac' in match) return match.mac === facts.mac
    if ('uuid' in match) return match.uuid === facts.uuid
    return match.architecture === facts.architecture
  })
}

/** The configuration as it is for this machine: its rule is applied, and its command lines say what it is called. */
export function configurationFor(configuration: ClientConfiguration, facts: MachineFacts): ClientConfiguration {
  const rule = ruleOf(configuration.machines, facts)
  return {
    ...configuration,
    defaultOs: rule?.defaultOs ?? configuration.defaultOs,
    timeout: rule?.timeout ?? configuration.timeout,
    oss: configuration.oss.map((os) => systemFor(os, rule?.cmdline ?? '', facts)),
  }
}

function systemFor(os: ClientOs, more: string, facts: MachineFacts): ClientOs {
  if (os.method !== 'kexec') return os
  const words = [os.cmdline, more].filter((part) => part !== '').join(' ')
  return { ...os, cmdline: fillPlaceholders(words, facts) }
}

function fillPlaceholders(cmdline: string, facts: MachineFacts): string {
  return cmdlinePlaceholders.reduce(
    (filled, name) => filled.replaceAll(`{{${name}}}`, () => harmless(facts[name])),
    cmdline,
  )
}

/** A host name that DHCP gave must not add words to a command line. */
function harmless(value: string): string {
  return value.replace(/[^A-Za-z0-9:._/-]/g, '')
}
