import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { formatProblem, loadEnvironment } from '../../../src/environment/index.ts'
import { linux, temporaryEnvironment } from './temporary-environment.ts'

/** What the loader makes of this value of `client.shell_password`. */
async function read(value: string) {
  const text = `version: 1\nclient:\n  pex: true\n  shell_password: ${value}\n`
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': text, ...linux('debian') })
  const { configuration, problems } = await loadEnvironment(environment.directory)
  return { hash: configuration?.client.shellPassword, problems }
}

/** A hash of openssl's: `-6`, `-5`, `-1`. */
function openssl(kind: string): string {
  return execFileSync('openssl', ['passwd', kind, 'secret'], { encoding: 'utf8' }).trim()
}

test.each(['-6', '-5'])('a hash of "openssl passwd %s" is taken as it is', async (kind) => {
  const hash = openssl(kind)
  expect(await read(`'${hash}'`)).toEqual({ hash, problems: [] })
  expect(await read(hash)).toEqual({ hash, problems: [] })
})

test('a hash may have more rounds than usual, but not so many that a machine is busy for long', async () => {
  const [, , salt, digest] = openssl('-6').split('$')
  const withRounds = (rounds: number) => `$6$rounds=${rounds}$${salt}$${digest}`
  expect((await read(withRounds(20_000))).hash).toBe(withRounds(20_000))
  expect((await read(withRounds(999_999_999))).problems[0]?.message).toContain('takes a machine too long')
})

test.each([
  ['letmein-2026', 'the value is not the hash of a password'],
  [openssl('-1'), 'the hash is of a kind that machines cannot verify'],
  [
    '"$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"',
    'the hash is of a kind that machines cannot verify',
  ],
  [openssl('-6').slice(0, -1), 'the hash is not complete'],
  ["'$6$salt:root$x'", 'the hash is not complete'],
])('%s is refused with file, line and what to do, and is not repeated', async (value, message) => {
  const { hash, problems } = await read(value)
  expect(hash).toBeUndefined()
  expect(problems).toHaveLength(1)
  const text = problems.map((problem) => formatProblem(problem)).join('\n')
  expect(text).toContain(`Boottorrent.yaml:4:19: ${message}`)
  expect(text).toContain('openssl passwd -6')
  expect(text).not.toContain(value.replaceAll(/["']/g, ''))
})
