import type { MachineRule } from './configuration.ts'
import { unknownOs } from './oss-folders.ts'
import { checkPlaceholders } from './placeholders.ts'
import { type Findings, quoted } from './problems.ts'
import type { Given } from './schema.ts'
import type { MachineValues } from './version1.ts'

/** The rules of machines:, in the order of the file. `osNames` are the systems that the menu
 * offers, `hostIps` are the addresses of this computer that the file names. */
export function machineRules(
  written: readonly Given<MachineValues>[],
  osNames: readonly string[],
  hostIps: readonly string[],
  findings: Findings,
): readonly MachineRule[] {
  const addresses = new Map<string, number>()
  const matches = new Map<string, number>()
  return written.flatMap((rule) => {
    const { value, place } = rule
    const match = matchOf(rule, findings)
    if (!match) return []
    const earlier = matches.get(JSON.stringify(match))
    if (earlier !== undefined) {
      findings.warning(
        place,
        'no-effect',
        `the rule in line ${earlier} is for the same machine and applies first`,
        'Make one rule of the two.',
      )
    } else {
      matches.set(JSON.stringify(match), place.line)
    }
    if (value.address) {
      const { value: address, place: addressPlace } = value.address
      const owner = addresses.get(address)
      if ('architecture' in match) {
        findings.problem(
          addressPlace,
          'conflict',
          'many machines cannot have one address',
          'Give addresses in rules with "mac" or "uuid".',
        )
      } else if (hostIps.includes(address)) {
        findings.problem(
          addressPlace,
          'conflict',
          `${address} is this computer's own address`,
          'Give the machine another one.',
        )
      } else if (owner !== undefined) {
        findings.problem(
          addressPlace,
          'conflict',
          `${quoted(address)} is given to another machine in line ${owner}`,
          'Give each machine its own address.',
        )
      }
      addresses.set(address, addressPlace.line)
    }
    if (value.cmdline) checkPlaceholders(value.cmdline, findings)
    if (value.default && !osNames.includes(value.default.value)) {
      unknownOs(value.default.value, value.default.place, osNames, findings)
    }
    return [
      {
        match,
        hostname: value.hostname?.value,
        address: value.address?.value,
        defaultOs: value.default?.value,
        cmdline: value.cmdline?.value,
        timeout: value.timeout?.value,
        secureBoot: value.secure_boot?.value,
        loader: value.loader?.value,
      },
    ]
  })
}

function matchOf({ value, place }: Given<MachineValues>, findings: Findings): MachineRule['match'] | undefined {
  const { mac, uuid, architecture } = value
  const written = [mac, uuid, architecture].filter((match) => match !== undefined)
  if (written.length > 1) {
    findings.problem(
      place,
      'conflict',
      'a rule is for one of mac, uuid or architecture',
      'Keep one of them, or make several rules.',
    )
    return undefined
  }
  if (mac) return { mac: mac.value }
  if (uuid) return { uuid: uuid.value }
  if (architecture) return { architecture: architecture.value }
  return undefined
}
