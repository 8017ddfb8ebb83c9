// Fuzzes the codecs and policies for as long as wished: the same tests as in the suite, with more cases.
//
//     npm run fuzz -- [--cases N] [--seed S]
//
// N cases for each test and seed (1 000 000 when left out). The same seed gives the same cases; a failure names the input.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const values = flags()
const cases = wholeNumber('cases', values.cases ?? '1000000')
const seed = values.seed === undefined ? undefined : wholeNumber('seed', values.seed)

console.log(`${cases} cases for each test, ${seed === undefined ? 'with the seeds of the suite' : `seed ${seed}`}`)
const started = performance.now()
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=0', '--reporter=verbose', '--project=unit', '/fuzz.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, FUZZ_CASES: String(cases), ...(seed === undefined ? {} : { FUZZ_SEED: String(seed) }) },
  },
)
console.log(`${Math.round((performance.now() - started) / 1000)} s`)
process.exitCode = status ?? 1

function flags(): { cases?: string; seed?: string } {
  try {
    return parseArgs({ options: { cases: { type: 'string' }, seed: { type: 'string' } } }).values
  } catch (error) {
    console.error(`${(error as Error).message}\nUsage: npm run fuzz -- [--cases N] [--seed S]`)
    process.exit(2)
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${name} ${text} is not a whole number. Write it like --${name} 100000.`)
  process.exit(2)
}
