/** Finds what the environment says about one machine in particular. */
import type { PxeClient } from './dhcp/index.ts'
import type { Configuration, MachineRule } from './environment/configuration.ts'

/** The first rule that is about this machine; undefined when there is none. */
export function ruleFor(rules: readonly MachineRule[], machine: PxeClient): MachineRule | undefined {
  return rules.find(({ match }) => {
    if ('mac' in match) return match.mac.toLowerCase() === machine.mac
    if ('uuid' in match) return match.uuid.toLowerCase() === machine.uuid
    return match.architecture === machine.firmware
  })
}

/** Which loaders this machine gets: as its rule says, else as the environment says for all. */
export function loaderChoice(
  { boot, machines }: Pick<Configuration, 'boot' | 'machines'>,
  machine: PxeClient,
): { secureBoot: boolean; biosLoader: 'ipxe' | 'pxelinux' } {
  const rule = ruleFor(machines, machine)
  return { secureBoot: rule?.secureBoot ?? boot.secureBoot, biosLoader: rule?.loader ?? 'ipxe' }
}
