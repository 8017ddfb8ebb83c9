/** What of an environment a running server cannot take over: what its sockets were bound with. */
import type { Configuration } from './environment/index.ts'

interface FixedSetting {
  readonly name: string
  of(configuration: Configuration): unknown
}

const fixed: readonly FixedSetting[] = [
  { name: 'network', of: ({ network }) => network },
  { name: 'tftp', of: ({ tftp }) => tftp },
  { name: 'http', of: ({ http }) => http },
  { name: 'tracker', of: ({ tracker: { enabled, port } }) => [enabled, port] },
  { name: 'seeder', of: ({ seeder }) => seeder },
  { name: 'log_level', of: ({ logLevel }) => logLevel },
  // Addresses that are set aside for machines are given to the DHCP server when it starts.
  { name: 'address of machines', of: ({ machines }) => machines.map(({ match, address }) => [match, address]) },
]

/**
 * The new configuration with what cannot change while it is served, as it was.
 *
 * @returns also the names of the settings that would have changed
 */
export function keepingFixed(
  before: Configuration,
  after: Configuration,
): { readonly configuration: Configuration; readonly needsRestart: readonly string[] } {
  const isSame = ({ of }: FixedSetting) => JSON.stringify(of(before)) === JSON.stringify(of(after))
  const needsRestart = fixed.filter((setting) => !isSame(setting)).map(({ name }) => name)
  const { network, tftp, http, seeder, logLevel } = before
  const tracker = { ...before.tracker, others: after.tracker.others }
  return { configuration: { ...after, network, tftp, http, tracker, seeder, logLevel }, needsRestart }
}
