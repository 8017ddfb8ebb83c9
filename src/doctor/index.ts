/**
 * Looks at everything that keeps a room from booting before anybody is switched on: environment, interfaces, ports and
 * rights, other DHCP servers, firewall, memory, disk, the client and the sizes of the systems.
 *
 * Nothing is served or changed, and nobody but DHCP servers is asked anything.
 */
import type { LoadedEnvironment } from '../environment/index.ts'
import { checkClient } from './client.ts'
import { checkDhcpServers } from './dhcp-servers.ts'
import { checkDisk } from './disk.ts'
import { checkEnvironment } from './environment.ts'
import type { Facts } from './facts.ts'
import { checkFirewall } from './firewall/index.ts'
import { checkImages } from './images.ts'
import { checkInterfaces } from './interfaces.ts'
import { checkMemory } from './memory.ts'
import { checkPorts, wantedPorts } from './ports.ts'
import { type CheckResult, failureOf } from './result.ts'

export { type Facts, factsOfThisComputer } from './facts.ts'
export type { CheckResult } from './result.ts'

/**
 * Runs every check that can be run: without a right environment, or an interface to serve, what depends on it is left out.
 *
 * @returns the results in the order in which `start` would meet what they are about. Never throws.
 */
export async function examine(loaded: LoadedEnvironment, facts: Facts): Promise<CheckResult[]> {
  const { configuration } = loaded
  const environment = checkEnvironment(loaded)
  const client = run('client', () => checkClient(facts))
  const memory = run('memory', () => checkMemory(facts))
  if (configuration === undefined) return [...environment, ...(await client), ...(await memory)]

  const { results: interfaces, served } = await checkInterfaces(configuration, facts)
  const wanted = wantedPorts(configuration, served)
  const network =
    served.length === 0
      ? []
      : [
          run('ports', () => checkPorts(wanted, facts)),
          run('dhcp-server', () => checkDhcpServers(configuration, served, facts)),
          run('firewall', () => checkFirewall(wanted, served, facts)),
        ]
  const rest = [
    run('disk', () => checkDisk(configuration.directory, facts)),
    run('images', () => checkImages(configuration, facts)),
  ]
  const all = await Promise.all([client, ...network, memory, ...rest])
  return [...environment, ...interfaces, ...all.flat()]
}

/** What one check stumbles over is told as its result, beside those of the others. */
async function run(
  name: string,
  check: () => CheckResult | CheckResult[] | Promise<CheckResult | CheckResult[]>,
): Promise<CheckResult[]> {
  try {
    return [await check()].flat()
  } catch (error) {
    return [failureOf(name, error)]
  }
}
