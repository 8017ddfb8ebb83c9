import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import { linux, temporaryEnvironment } from '../environment/temporary-environment.ts'
import { fakeIo } from './fake-io.ts'

test('a right environment ends with 0 and says so', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\n', ...linux('a') })
  const io = fakeIo()
  expect(await run(['check', environment.directory], io)).toBe(0)
  expect(io.output()).toBe('The environment is right: 1 system.\n')
})

test('problems are printed with place and hint, and end with 2', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nboot:\n  tiemout: 3\n',
    'oss/a/config.yaml': 'dispname: A\nmethod: kexec\n',
  })
  const io = fakeIo({ cwd: environment.directory })
  expect(await run(['check'], io)).toBe(2)
  expect(io.output()).toBe(
    [
      'Boottorrent.yaml:3:3: unknown key "tiemout" in boot:',
      '    Did you mean "timeout"?',
      'oss/a/config.yaml:1:1: "kernel" is missing',
      '    The method kexec needs it.',
      '2 problems.',
      '',
    ].join('\n'),
  )
})

test('--json prints one object with the problems as outside scripts expect them', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\ntiemout: 3\n', 'oss/': '' })
  const io = fakeIo({ cwd: environment.directory })
  expect(await run(['check', '--json'], io)).toBe(2)
  const { ok, problems } = JSON.parse(io.output())
  expect(ok).toBe(false)
  expect(problems).toEqual([
    {
      file: 'Boottorrent.yaml',
      line: 2,
      column: 1,
      code: 'unknown-key',
      message: 'unknown key "tiemout"',
      hint: 'Did you mean the "timeout" of boot:?',
    },
  ])

  await writeFile(path.join(environment.directory, 'Boottorrent.yaml'), 'version: 1\n')
  const right = fakeIo({ cwd: environment.directory })
  expect(await run(['check', '--json'], right)).toBe(0)
  expect(JSON.parse(right.output())).toMatchObject({ ok: true, problems: [] })
})

test('a folder that is not there is a problem like any', async () => {
  const io = fakeIo({ cwd: '/' })
  expect(await run(['check', 'nowhere/at/all', '--json'], io)).toBe(2)
  expect(JSON.parse(io.output()).problems[0].code).toBe('missing-file')
})

test('environment variables are checked as start would read them', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\n', ...linux('a') })
  const io = fakeIo({ cwd: environment.directory, env: { BOOTTORRENT_MODE: 'proxi', BOOTTORRENT_USER: '' } })
  expect(await run(['check'], io)).toBe(2)
  expect(io.output()).toContain(
    'BOOTTORRENT_MODE: "proxi" is not one of auto, proxy, dhcp, off\n    Did you mean "proxy"?',
  )
})

test('colour is for terminals whose user wants it', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 2\n' })
  await mkdir(path.join(environment.directory, 'oss'))
  const outputOn = async (terminal: boolean, env: Record<string, string>) => {
    const io = fakeIo({ cwd: environment.directory, terminal, env })
    await run(['check'], io)
    return io.output().includes('\u001b[')
  }
  expect(await outputOn(true, {})).toBe(true)
  expect(await outputOn(false, {})).toBe(false)
  expect(await outputOn(true, { NO_COLOR: '1' })).toBe(false)
  expect(await outputOn(true, { TERM: 'dumb' })).toBe(false)
  expect(await outputOn(false, { FORCE_COLOR: '1' })).toBe(true)
})
