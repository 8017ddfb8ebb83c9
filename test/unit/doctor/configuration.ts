import type { Configuration } from '../../../src/environment/index.ts'
import { loadEnvironment } from '../../../src/environment/index.ts'
import { temporaryEnvironment } from '../environment/temporary-environment.ts'

export const served = [{ name: 'eth1', address: '192.0.2.1', netmask: '255.255.255.0' }]

/** What an environment without systems says with these lines in Boottorrent.yaml. */
export async function configurationOf(lines = ''): Promise<Configuration> {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': `version: 1\n${lines}`, 'oss/': '' })
  const { configuration, problems } = await loadEnvironment(environment.directory)
  if (configuration === undefined) throw new Error(JSON.stringify(problems))
  return configuration
}
