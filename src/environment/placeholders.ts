import { cmdlinePlaceholders } from '../../client/contract.ts'
import { nearest } from './nearest.ts'
import { type Findings, quoted } from './problems.ts'
import type { Given } from './schema.ts'

/** Reports every `{{name}}` of a command line that Phase-1 does not know. */
export function checkPlaceholders({ value, place }: Given<string>, findings: Findings): void {
  for (const [written, name = ''] of value.matchAll(/\{\{([^{}]*)\}\}/g)) {
    if (cmdlinePlaceholders.some((known) => known === name)) continue
    const guess = nearest(name, [...cmdlinePlaceholders])
    const all = cmdlinePlaceholders.map((known) => `{{${known}}}`).join(' ')
    findings.problem(
      place,
      'unknown-placeholder',
      `there is nothing to put in the place of ${quoted(written)}`,
      guess === undefined ? `Known are ${all}.` : `Did you mean "{{${guess}}}"?`,
    )
  }
}
