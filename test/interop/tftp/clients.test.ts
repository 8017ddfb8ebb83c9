import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { createClient } from 'tftp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBootFiles } from '../../../src/boot-files.ts'
import { createTftpServer, type TftpServer } from '../../../src/tftp/index.ts'
import { randomBytes, seeded } from '../../unit/tftp/random.ts'

const run = promisify(execFile)
const random = seeded(11)
const files = {
  kernel: randomBytes(random, 3_000_001),
  'pxelinux.cfg/default': Buffer.from('DEFAULT boottorrent\n'),
  'exactly/one/block': randomBytes(random, 512),
  'exactly/one/large/block': randomBytes(random, 1428),
}
type Name = keyof typeof files

let folder: string
let server: TftpServer

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tftp-clients-'))
  const onDisk = path.join(folder, 'kernel')
  writeFileSync(onDisk, files.kernel)
  const inMemory = (name: Name) => ({ name, size: files[name].length, bytes: files[name] })
  server = createTftpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles([
      { name: 'kernel', size: files.kernel.length, path: onDisk },
      inMemory('pxelinux.cfg/default'),
      inMemory('exactly/one/block'),
      inMemory('exactly/one/large/block'),
    ]),
  })
  await server.start()
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

type Fetch = (name: string, local: string, port: string) => Promise<unknown>

const npmClient =
  (options: object): Fetch =>
  (name, local, port) =>
    new Promise<void>((resolve, reject) => {
      const client = createClient({ host: '127.0.0.1', port: Number(port), timeout: 1000, ...options })
      client.get(name, local, (error) => (error ? reject(error) : resolve()))
    })

const clients: [string, Fetch][] = [
  ['curl', (name, local, port) => run('curl', ['-sSf', '-o', local, `tftp://127.0.0.1:${port}/${name}`])],
  [
    'curl with 1428 byte blocks',
    (name, local, port) =>
      run('curl', ['-sSf', '--tftp-blksize', '1428', '-o', local, `tftp://127.0.0.1:${port}/${name}`]),
  ],
  [
    'curl without options',
    (name, local, port) => run('curl', ['-sSf', '--tftp-no-options', '-o', local, `tftp://127.0.0.1:${port}/${name}`]),
  ],
  ['busybox tftp', (name, local, port) => run('busybox', ['tftp', '-g', '-r', name, '-l', local, '127.0.0.1', port])],
  [
    'busybox tftp with 1428 byte blocks',
    (name, local, port) => run('busybox', ['tftp', '-b', '1428', '-g', '-r', name, '-l', local, '127.0.0.1', port]),
  ],
  ['tftp-hpa', (name, local, port) => run('tftp', ['-m', 'octet', '127.0.0.1', port, '-c', 'get', name, local])],
  ['atftp', (name, local, port) => run('atftp', ['-g', '-r', name, '-l', local, '127.0.0.1', port])],
  [
    'atftp with 1428 byte blocks, windows of 16, size and timeout',
    (name, local, port) => {
      const options = ['blksize 1428', 'windowsize 16', 'tsize enable', 'timeout 2'].flatMap((one) => ['--option', one])
      return run('atftp', [...options, '-g', '-r', name, '-l', local, '127.0.0.1', port])
    },
  ],
  ['tftp of npm', npmClient({})],
  ['tftp of npm with 512 byte blocks and windows of 1', npmClient({ blockSize: 512, windowSize: 1 })],
]

describe.each(clients)('%s', (client, fetch) => {
  test.each(Object.keys(files) as Name[])('takes %s', async (name) => {
    const local = path.join(folder, `${client.replaceAll(' ', '-')}-${name.replaceAll('/', '-')}`)
    const done = once(server, 'done')
    await fetch(name, local, String(server.port))
    expect(readFileSync(local).equals(files[name])).toBe(true)
    expect((await done)[0]).toMatchObject({ file: name, bytes: files[name].length })
  })

  test('is told when there is no such file', async () => {
    const refused = once(server, 'refused')
    // Some of them end with status 0 all the same.
    await fetch('nothing', path.join(folder, 'nothing'), String(server.port)).catch(() => {})
    expect((await refused)[0]).toMatchObject({ file: 'nothing', reason: 'not-found' })
  })
})

test('a client that wants to write is refused', async () => {
  const local = path.join(folder, 'kernel')
  const client = createClient({ host: '127.0.0.1', port: server.port, timeout: 1000 })
  await expect(
    new Promise<void>((resolve, reject) => client.put(local, 'kernel', (error) => (error ? reject(error) : resolve()))),
  ).rejects.toThrow(/read-only/i)
})

test('ten clients of five kinds at once', async () => {
  await Promise.all(
    clients.map(async ([client, fetch]) => {
      const local = path.join(folder, `at-once-${client.replaceAll(' ', '-')}`)
      await fetch('kernel', local, String(server.port))
      expect(readFileSync(local).equals(files.kernel)).toBe(true)
    }),
  )
})
