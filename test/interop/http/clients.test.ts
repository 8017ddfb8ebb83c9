import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

const aria2Words = ['--no-conf', '-q', '--allow-overwrite=true', '--auto-file-renaming=false', '--file-allocation=none']

const at = (name: string) => path.join(folder, name)

test.each([
  ['curl', 'kernel', (url: string, to: string) => run('curl', ['-sSf', '-o', to, url])],
  ['curl', 'memory', (url: string, to: string) => run('curl', ['-sSf', '-o', to, url])],
  ['curl with HTTP/1.0', 'kernel', (url: string, to: string) => run('curl', ['-sSf', '-0', '-o', to, url])],
  ['busybox wget', 'kernel', (url: string, to: string) => run('busybox', ['wget', '-q', '-O', to, url])],
  ['wget', 'kernel', (url: string, to: string) => run('wget', ['-q', '-O', to, url])],
  [
    'aria2 with four connections, each for another part',
    'kernel',
    (url: string, to: string) =>
      run('aria2c', [...aria2Words, '-x4', '-s4', '-k1M', '-d', folder, '-o', path.basename(to), url]),
  ],
])('%s takes %s', async (_client, name, fetch) => {
  await fetch(`${base}/${name}`, at('whole'))
  expect(readFileSync(at('whole')).equals(kernel)).toBe(true)
})

test.each([
  ['curl', ['curl', '-sSf', '-C', '-', '-o']],
  ['busybox wget', ['busybox', 'wget', '-q', '-c', '-O']],
  ['wget', ['wget', '-q', '-c', '-O']],
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

describe('curl', () => {
  const curl = async (...words: string[]) => (await run('curl', ['-sS', ...words])).stdout

  test('asks only for the head, and learns what a whole answer would say', async () => {
    const head = await curl('-I', `${base}/kernel`)
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head).toMatch(/^Content-Length: 5000001\r$/m)
    expect(head).toMatch(/^ETag: "[^"]+"\r$/m)
    expect(head).toMatch(/^Accept-Ranges: bytes\r$/m)
  })

  test('takes parts: from the middle, from the end, the last byte, and none behind it', async () => {
    for (const [range, part] of [
      ['1000000-1999999', kernel.subarray(1_000_000, 2_000_000)],
      ['-1000', kernel.subarray(-1000)],
      ['5000000-', kernel.subarray(5_000_000)],
    ] as const) {
      expect(await curl('-r', range, '-o', at('part'), '-w', '%{http_code}', `${base}/kernel`)).toBe('206')
      expect(readFileSync(at('part')).equals(part)).toBe(true)
    }
    expect(await curl('-r', '5000001-', '-o', at('part'), '-w', '%{http_code}', `${base}/kernel`)).toBe('416')
  })

  test('does not take again what it has by its ETag', async () => {
    const words = [
      '--etag-save',
      at('etag'),
      '--etag-compare',
      at('etag'),
      '-o',
      at('cached'),
      '-w',
      '%{http_code} %{size_download}',
    ]
    writeFileSync(at('etag'), '')
    expect(await curl(...words, `${base}/kernel`)).toBe('200 5000001')
    expect(await curl(...words, `${base}/kernel`)).toBe('304 0')
  })

  test('asks many times on one connection', async () => {
    const urls = Array.from({ length: 5 }, (_, index) => [
      '-r',
      `${index}-${index}`,
      '-o',
      '/dev/null',
      `${base}/kernel`,
    ]).flat()
    expect(await curl(...urls, '-w', '%{num_connects}')).toBe('10000')
  })

  test('gets nothing that is not in the table', async () => {
    for (const target of ['/../../../../etc/passwd', '/%2e%2e/%2e%2e/%2e%2e/etc/passwd', '/kernel/', '/', '//kernel']) {
      const words = ['--path-as-is', '-o', at('nothing'), '-w', '%{http_code}', `${base}${target}`]
      expect(await curl(...words)).toBe('404')
      expect(readFileSync(at('nothing'), 'utf8')).toBe('There is no such boot file.\n')
    }
  })
})
