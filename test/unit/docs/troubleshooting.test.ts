import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { exitCodes } from '../../../src/cli/exit-codes.ts'
import { steps } from '../../../src/machines/steps.ts'
import { stuckOf } from '../../../src/machines/stuck.ts'

const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/troubleshooting.md'), 'utf8')

/** Milliseconds; longer than any step may last. */
const LONG = 600_000

describe('docs/troubleshooting.md', () => {
  it.each(steps.filter((step) => step !== 'failed'))(
    'says why a machine is stuck at %s, in the words of the program',
    (step) => {
      const standing = { step, detail: '', movedAt: 0, trouble: undefined, isBooting: true }
      const whileHeard = stuckOf({ ...standing, heardAt: LONG }, LONG)
      const whileSilent = stuckOf({ ...standing, heardAt: 0 }, LONG)
      for (const stuck of [whileHeard, whileSilent]) {
        if (stuck !== undefined) expect(rowsFor(step)).toContain(stuck.reason)
      }
    },
  )

  it('says after how long', () => {
    for (const [, step = '', seconds = ''] of page.matchAll(/^\| `(\w+)` \| (\d+) s \|/gm)) {
      const standing = {
        step: step as (typeof steps)[number],
        detail: '',
        movedAt: 0,
        trouble: undefined,
        isBooting: true,
      }
      const at = (now: number) => stuckOf({ ...standing, heardAt: now }, now)
      expect(at(Number(seconds) * 1000), step).toBeUndefined()
      expect(at(Number(seconds) * 1000 + 1), step).toBeDefined()
    }
  })

  test('has every exit code, and no other', () => {
    const [, section = ''] = page.split('## Exit codes')
    const documented = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    expect(documented).toEqual(Object.values(exitCodes).sort((a, b) => a - b))
  })
})

function rowsFor(step: string): string {
  const [, section = ''] = page.split('## Machines that are stuck')
  return section
    .split('\n')
    .filter((line) => line.split('|')[1]?.includes(`\`${step}\``))
    .join('\n')
}
