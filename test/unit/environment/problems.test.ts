import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/environment/index.ts'

const problem = {
  file: 'Boottorrent.yaml',
  line: 4,
  column: 3,
  code: 'unknown-key',
  message: 'unknown key "tiemout"',
  hint: 'Did you mean "timeout"?',
}

test('a problem is the place as editors understand it, the sentence, and what to do', () => {
  expect(formatProblem(problem)).toBe('Boottorrent.yaml:4:3: unknown key "tiemout"\n    Did you mean "timeout"?')
})

test('a problem of the whole file has no line', () => {
  expect(formatProblem({ ...problem, line: 0, column: 0 })).toMatch(/^Boottorrent\.yaml: unknown key/)
})

test('colour and severity are added only when asked for', () => {
  expect(formatProblem(problem, { color: true })).toBe(
    '\u001b[1mBoottorrent.yaml:4:3:\u001b[0m \u001b[31munknown key "tiemout"\u001b[0m\n    Did you mean "timeout"?',
  )
  expect(formatProblem(problem, { severity: 'warning' })).toMatch(/^Boottorrent\.yaml:4:3: warning: unknown key/)
})
