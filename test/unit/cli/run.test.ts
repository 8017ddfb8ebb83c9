import { expect, test } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }
import { run } from '../../../src/cli/run.ts'
import { flags } from '../../../src/environment/index.ts'
import { temporaryEnvironment } from '../environment/temporary-environment.ts'
import { fakeIo } from './fake-io.ts'

async function runWords(...words: string[]) {
  const io = fakeIo()
  const exitCode = await run(words, io)
  return { exitCode, output: io.output(), errors: io.errors() }
}

test.each([['version'], ['--version']])('%s prints the version of the package', async (word) => {
  expect(await runWords(word)).toEqual({ exitCode: 0, output: `boottorrent ${packageJson.version}\n`, errors: '' })
})

test.each([[], ['--help'], ['-h']])('the help shows every command, with examples (%s)', async (...words) => {
  const { exitCode, output, errors } = await runWords(...words)
  expect(exitCode).toBe(0)
  expect(errors).toBe('')
  for (const command of ['init', 'check', 'doctor', 'start', 'completion', 'version'])
    expect(output).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'))
  expect(output).toContain('Examples:\n  boottorrent init lab')
})

test('the help of start names every setting', async () => {
  const { output } = await runWords('start', '--help')
  expect(flags.length).toBeGreaterThan(10)
  for (const { name, placeholder } of flags) expect(output).toContain(`--${name} <${placeholder}>`)
})

test('a mistyped command is told from the nearest', async () => {
  const { exitCode, output, errors } = await runWords('strat')
  expect(exitCode).toBe(2)
  expect(output).toBe('')
  expect(errors).toBe(
    'error: unknown command \'strat\'\n(Did you mean start?)\nRun "boottorrent --help" for what there is.\n',
  )
})

test('a mistyped flag is told from the nearest', async () => {
  const { exitCode, errors } = await runWords('start', '--interfase', 'eth0')
  expect(exitCode).toBe(2)
  expect(errors).toContain("unknown option '--interfase'\n(Did you mean --interface?)")
})

test('what is wrong with a command is followed by the way to its own help', async () => {
  const { errors } = await runWords('add')
  expect(errors).toBe('error: missing required argument \'path\'\nRun "boottorrent add --help" for what there is.\n')
})

test.each([
  [['check', 'a', 'b'], 'too many arguments'],
  [['start', '--interface'], 'argument missing'],
  [['check', '--jsn'], '(Did you mean --json?)'],
])('%s is wrong usage', async (words, error) => {
  const { exitCode, errors } = await runWords(...words)
  expect(exitCode).toBe(2)
  expect(errors).toContain(error)
})

test('an error is two sentences, and a stack only with --verbose', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\n' })
  const plain = await runWords('init', environment.directory)
  expect(plain.exitCode).toBe(2)
  expect(plain.errors).toBe(
    `error: There is an environment in ${environment.directory} already.\n  Edit its Boottorrent.yaml, or choose another folder.\n`,
  )
  const verbose = await runWords('init', environment.directory, '--verbose')
  expect(verbose.errors).toMatch(/BoottorrentError: There is an environment.*\n\s+at /)
})

test.each(['bash', 'zsh', 'fish'])('completion for %s knows every command and the flags of start', async (shell) => {
  const { exitCode, output } = await runWords('completion', shell)
  expect(exitCode).toBe(0)
  for (const word of ['init', 'add', 'doctor', 'completion', ...flags.map(({ name }) => name)]) {
    expect(output).toContain(word)
  }
})

test('a shell that there is no completion for is wrong usage', async () => {
  const { exitCode, errors } = await runWords('completion', 'tcsh')
  expect(exitCode).toBe(2)
  expect(errors).toContain('Allowed choices are bash, zsh, fish.')
})

test.each<[words: string[], exitCode: number, failure: object]>([
  [['status', 'nowhere', '--json'], 2, { code: 'CONFIGURATION', error: expect.stringContaining('nowhere') }],
  [['wake', '--json'], 2, { code: 'USAGE', error: 'Nobody was named to be woken.' }],
  [['add', '/nowhere/image.iso', '--to', '/nowhere', '--json'], 2, { error: expect.stringContaining('/nowhere') }],
  [['seed', '--of', 'http://', '--json'], 2, { code: 'USAGE', error: expect.stringContaining('http://') }],
  [['demo', '--clients', 'none', '--json'], 2, { code: 'USAGE', error: expect.stringContaining('none') }],
  [['check', '--json', '--nosense'], 2, { code: 'USAGE', error: "unknown option '--nosense'" }],
  [['strat', '--json'], 2, { code: 'USAGE', error: "unknown command 'strat'", hint: '(Did you mean start?)' }],
  [['add', '--json'], 2, { code: 'USAGE', error: "missing required argument 'path'" }],
])('%j fails with one JSON object and no text', async (words, exitCode, failure) => {
  const said = await runWords(...words)
  expect(said.exitCode).toBe(exitCode)
  expect(said.errors).toBe('')
  expect(said.output).toMatch(/^[^\n]+\n$/)
  expect(JSON.parse(said.output)).toMatchObject({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    event: 'command.failed',
    hint: expect.any(String),
    code: expect.any(String),
    ...failure,
  })
})

test('with --json and --verbose the stack is printed beside the object', async () => {
  const { output, errors } = await runWords('wake', '--json', '--verbose')
  expect(JSON.parse(output)).toMatchObject({ code: 'USAGE' })
  expect(errors).toMatch(/BoottorrentError: Nobody was named.*\n\s+at /)
})

test('a word that only looks like --json, behind --, asks for no JSON', async () => {
  const { output, errors } = await runWords('check', 'nowhere', '--', '--json')
  expect(output).toBe('')
  expect(errors).toContain('too many arguments')
})
