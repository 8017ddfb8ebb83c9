import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }
import { temporaryEnvironment } from '../environment/temporary-environment.ts'

const main = path.join(import.meta.dirname, '../../../src/cli/main.ts')

/** Runs the real command line in a process of its own. */
async function boottorrent(words: string[], options: { cwd?: string; nodeWords?: string[] } = {}) {
  const env = { PATH: process.env.PATH }
  const child = spawn(process.execPath, [...(options.nodeWords ?? []), main, ...words], { cwd: options.cwd, env })
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)])
  return { output, errors, exitCode }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'exit')
  return code as number | null
}

test('the process prints and exits as the command says', async () => {
  expect(await boottorrent(['version'])).toEqual({
    output: `boottorrent ${packageJson.version}\n`,
    errors: '',
    exitCode: 0,
  })
})

test('the current folder is the environment, and its problems end the process with 2', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nboot:\n  tiemout: 3\n',
    'oss/': '',
  })
  const { output, exitCode } = await boottorrent(['check'], { cwd: environment.directory })
  expect(output).toContain('Boottorrent.yaml:3:3: unknown key "tiemout"')
  expect(exitCode).toBe(2)
})

test('an old Node gets one clear sentence instead of a syntax error', async () => {
  const pretendOld = `data:text/javascript,${encodeURIComponent(
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })",
  )}`
  const { errors, exitCode } = await boottorrent(['version'], { nodeWords: ['--import', pretendOld] })
  expect(errors.split('\n')[0]).toBe('error: boottorrent needs Node 22 or newer; this is Node 20.19.0.')
  expect(exitCode).toBe(1)
})

test('a reader that goes away does not make the command fail', async () => {
  const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [errors, exitCode] = await Promise.all([text(child.stderr), exitOf(child)])
  expect(errors).toBe('')
  expect(exitCode).toBe(0)
})

test('output that a full disk refuses is told of, and makes the command fail', async () => {
  await using full = await open('/dev/full', 'w')
  const child = spawn(process.execPath, [main, 'version'], { stdio: ['ignore', full.fd, 'pipe'] })
  if (child.stderr === null) throw new Error('no standard error')
  const [errors, exitCode] = await Promise.all([text(child.stderr), exitOf(child)])
  expect(errors.split('\n')[0]).toBe('error: The output could not be written: ENOSPC.')
  expect(exitCode).toBe(1)
})

test('version loads neither the YAML parser nor any service', async () => {
  // Node reports every file it loads from the environment variable on; the loader hook prints them at the end.
  const report = `data:text/javascript,${encodeURIComponent(
    "import { registerHooks } from 'node:module'\n" +
      'registerHooks({ load(url, context, next) { process.stderr.write(url + "\\n"); return next(url, context) } })',
  )}`
  const { errors } = await boottorrent(['version'], { nodeWords: ['--import', report] })
  const loaded = errors.split('\n')
  expect(loaded.some((url) => url.endsWith('/src/cli/run.ts'))).toBe(true)
  expect(
    loaded.filter((url) => /node_modules\/(?!commander\/)|\/src\/(server|dhcp|tftp|http|seeder|tracker)/.test(url)),
  ).toEqual([])
})
