/** Whether the environment is right, as `boottorrent check` says it. */
import type { LoadedEnvironment, Problem } from '../environment/index.ts'
import { placeText } from '../environment/problems.ts'
import { type CheckResult, failure, ok, warning } from './result.ts'

const NAME = 'environment'

export function checkEnvironment({ configuration, problems, warnings }: LoadedEnvironment): CheckResult[] {
  const wrong = problems.map((problem) => failure(NAME, 'CONFIGURATION', placed(problem), problem.hint))
  const noted = warnings.map((problem) => warning(NAME, placed(problem), problem.hint))
  if (configuration === undefined) return [...wrong, ...noted]
  const count = configuration.oss.length
  return [ok(NAME, `The environment is right: ${count} system${count === 1 ? '' : 's'}`), ...noted]
}

function placed(problem: Problem): string {
  return `${placeText(problem)}: ${problem.message}`
}
