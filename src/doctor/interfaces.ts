/** Whether the interfaces to serve are there, have addresses that fit the environment, and are plugged in. */
import { checkAddresses } from '../dhcp-pools.ts'
import { type Configuration, chooseInterfaces, type Interfaces, type ServedInterface } from '../environment/index.ts'
import { hints, type LinkState } from '../platform/index.ts'
import { type CheckResult, failure, failureOf, ok, warning } from './result.ts'

export interface InterfaceFacts {
  interfaces(): Promise<Interfaces>
  /** Undefined when the system does not say. */
  linkState(name: string): Promise<LinkState | undefined>
}

export interface InterfaceFindings {
  readonly results: CheckResult[]
  /** Empty when there is none to serve. */
  readonly served: readonly ServedInterface[]
}

const NAME = 'interface'

export async function checkInterfaces(configuration: Configuration, facts: InterfaceFacts): Promise<InterfaceFindings> {
  const off = await switchedOff(configuration.network.interfaces, facts)
  if (off.length > 0) return { results: off, served: [] }
  let served: ServedInterface[]
  try {
    served = chooseInterfaces(await facts.interfaces(), configuration.network)
  } catch (error) {
    return { results: [failureOf(NAME, error)], served: [] }
  }
  const results = await Promise.all(served.map((one) => linked(one, facts)))
  try {
    checkAddresses(served, configuration)
  } catch (error) {
    results.push(failureOf('addresses', error))
  }
  return { results, served }
}

/** Looked at first: what is switched off has no address that anybody sees, but that is not what is wrong with it. */
async function switchedOff(names: readonly string[], facts: InterfaceFacts): Promise<CheckResult[]> {
  const states = await Promise.all(names.map(async (name) => ({ name, state: await facts.linkState(name) })))
  return states
    .filter(({ state }) => state === 'off')
    .map(({ name }) =>
      failure(
        NAME,
        'INTERFACE',
        `The network interface ${name} is switched off`,
        `Switch it on: ${hints.switchOn(name)}`,
      ),
    )
}

async function linked({ name, address, netmask }: ServedInterface, facts: InterfaceFacts): Promise<CheckResult> {
  if ((await facts.linkState(name)) === 'unplugged') {
    const message = `${name} has the address ${address}, and nobody is at the other end of its cable`
    return warning(NAME, message, 'Plug it into the switch of the room, and switch that on.')
  }
  return ok(NAME, `${name} has the address ${address}/${netmask}`)
}
