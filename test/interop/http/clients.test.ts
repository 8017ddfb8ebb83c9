import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClientReport } from '../../../client/contract.ts'
import { createBootFiles } from '../../../src/boot-files.ts'
import { createHttpServer, type HttpServer } from '../../../src/http/index.ts'
import { randomBytes, seeded } from '../../unit/tftp/random.ts'

const run = promisify(execFile)
const kernel = randomBytes(seeded(12), 5_000_001)

let folder: string
let server: HttpServer
let base: string
const reports: ClientReport[] = []

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'http-clients-'))
  const onDisk = path.join(folder, 'kernel')
  writeFileSync(onDisk, kernel)
  server = createHttpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles([
      { name: 'kernel', size: kernel.length, path: onDisk },
      { name: 'memory', size: kernel.length, bytes: kernel },
    ]),
    onReport: (report) => reports.push(report),
  })
  await server.start()
  base = `http://127.0.0.1:${server.port}`
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const at = (name: string) => path.join(folder, name)

test.each([
  ['curl', 'kernel', (url: string, to: string) => run('curl', ['-sSf', '-o', to, url])],
  ['curl', 'memory', (url: string, to: string) => run('curl', ['-sSf', '-o', to, url])],
  ['curl with HTTP/1.0', 'kernel', (url: string, to: string) => run('curl', ['-sSf', '-0', '-o', to, url])],
  ['busybox wget', 'kernel', (url: string, to: string) => run('busybox', ['wget', '-q', '-O', to, url])],
])('%s takes %s', async (_client, name, fetch) => {
  await fetch(`${base}/${name}`, at('whole'))
  expect(readFileSync(at('whole')).equals(kernel)).toBe(true)
})

test.each([
  ['curl', ['curl', '-sSf', '-C', '-', '-o']],
  ['busybox wget', ['busybox', 'wget', '-q', '-c', '-O']],
])('%s goes on where a broken transfer ended', async (_client, [command = '', ...words]) => {
  writeFileSync(at('part'), kernel.subarray(0, 1_234_567))
  await run(command, [...words, at('part'), `${base}/kernel`])
  expect(readFileSync(at('part')).equals(kernel)).toBe(true)
})

test('busybox wget, as Phase-1 has it, posts a report', async () => {
  const report = JSON.stringify({ mac: '52:54:00:12:34:56', step: 'menu', detail: 'Debian' })
  await run('busybox', ['wget', '-q', '-O', '-', '--post-data', report, `${base}/report`])
  expect(reports).toEqual([JSON.parse(report)])
})
