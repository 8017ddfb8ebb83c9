/** Finds what the environment says about one machine in particular. */
import type { PxeClient } from './dhcp/index.ts'
import type { MachineRule } from './environment/configuration.ts'

/** The first rule that is about this machine; undefined when there is none. */
export function ruleFor(rules: readonly MachineRule[], machine: PxeClient): MachineRule | undefined {
  return rules.find(({ match }) => {
    if ('mac' in match) return match.mac.toLowerCase() === machine.mac
    if ('uuid' in match) return match.uuid.toLowerCase() === machine.uuid
    return match.architecture === machine.firmware
  })
}
