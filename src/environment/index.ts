/**
 * The environment of a user, read and checked: Boottorrent.yaml (versions 0 and 1) and oss/<name>/config.yaml become one
 * {@link Configuration}, or a list of problems with the places to mend.
 *
 * ```ts
 * const { configuration, problems } = await loadEnvironment('./lab')
 * for (const problem of problems) console.error(formatProblem(problem))
 * ```
 */

export { chooseInterfaces, type WantedInterfaces } from './choose-interfaces.ts'
export type { Configuration, MachineRule, OperatingSystem, Problem } from './configuration.ts'
export { hostInterfaces } from './host-interfaces.ts'
export {
  chooseInterface,
  type Interfaces,
  type ServedInterface,
  sensibleInterfaces,
  type WantedInterface,
} from './interfaces.ts'
export { FILE as environmentFile, type LoadedEnvironment, loadEnvironment } from './load.ts'
export { type Flag, flags, type Override } from './overrides.ts'
export { formatProblem } from './problems.ts'
