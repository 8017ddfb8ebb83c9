/** `npm run --silent bench -- SUITE [--json] [--rounds N]`: measures one suite side by side with its peers. */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { machine, type Result, type Suite, table } from './harness.ts'

const suites = [
  'hash',
  'seed',
  'download',
  'swarm',
  'uplinks',
  'pieces',
  'tracker',
  'tftp',
  'dhcp',
  'http',
  'phase1',
  'compression',
  'boot',
  'web',
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '3' } },
})
const [name] = positionals
const rounds = Number(values.rounds)

if (name === undefined || !suites.includes(name) || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`Usage: bench SUITE [--json] [--rounds N]\nSuites: ${suites.join(', ')}`)
  process.exit(2)
}
const file = new URL(`./${name}.ts`, import.meta.url)
if (!existsSync(file)) {
  console.error(`The suite "${name}" does not exist yet.`)
  process.exit(1)
}

const { suite } = (await import(file.href)) as { suite: Suite }
const { rows, notes } = await suite({ rounds, note: (line) => console.error(line) })
const result: Result = {
  suite: name,
  machine: machine(),
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
  rounds,
  rows,
  ...(notes ? { notes } : {}),
}
console.error(table(result))
if (values.json) console.log(JSON.stringify(result))
