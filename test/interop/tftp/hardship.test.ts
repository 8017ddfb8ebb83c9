/** Programs that others made on bad networks, stopped half-way, and asking for what we do not do. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBootFiles } from '../../../src/boot-files.ts'
import { createTftpServer, type TftpServer } from '../../../src/tftp/index.ts'
import { randomBytes, seeded } from '../../unit/tftp/random.ts'
import { createLossyProxy } from './lossy-proxy.ts'
import { programs } from './programs.ts'

const run = promisify(execFile)
const small = randomBytes(seeded(21), 60_000)
const large = randomBytes(seeded(22), 8_000_000)

let folder: string
let server: TftpServer

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tftp-hardship-'))
  server = createTftpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles([
      { name: 'small', size: small.length, bytes: small },
      { name: 'large', size: large.length, bytes: large },
    ]),
    // As patient as ever, but quicker to send again: a loss costs the test less.
    limits: { firstTimeout: 60, longestTimeout: 2000, repetitions: 12 },
  })
  await server.start()
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** Where this program puts what it fetches. */
const localFile = (program: string) => path.join(folder, program.replaceAll(' ', '-'))

test('5 % of the datagrams lost in both directions: every program ends byte-exact', async () => {
  await Promise.all(
    programs.map(async ({ name, fetch }, index) => {
      const random = seeded(index + 1)
      await using network = await createLossyProxy(server.port, () => random() < 0.05)
      const [command, ...words] = fetch('small', localFile(name), network.port)
      await run(command, words)
      expect(readFileSync(localFile(name)).equals(small), name).toBe(true)
      expect(network.lost.toServer, name).toBeGreaterThan(0)
      expect(network.lost.toClient, name).toBeGreaterThan(0)
    }),
  )
  // Whoever lost the last ACK is still being asked for it.
  while (server.transfers > 0) await Promise.race([once(server, 'done'), once(server, 'aborted')])
})

test.each(programs)('$name, held up for three waits, goes on and ends byte-exact', async ({ name, fetch }) => {
  const [started, stalled, done] = [once(server, 'start'), once(server, 'stalled'), once(server, 'done')]
  const [command, ...words] = fetch('large', localFile(name), server.port)
  const client = spawn(command, words, { stdio: 'ignore' })
  const ended = once(client, 'exit')
  await started
  client.kill('SIGSTOP')
  const [{ bytes }] = await stalled
  expect(bytes).toBeLessThan(large.length)
  client.kill('SIGCONT')
  await ended
  expect(readFileSync(localFile(name)).equals(large)).toBe(true)
  const [outcome] = await done
  expect(outcome.bytes).toBe(large.length)
  expect(outcome.retransmits).toBeGreaterThanOrEqual(3)
})

describe('what is not done is said in words that the program shows', () => {
  const port = () => `${server.port}`
  const upload = () => {
    writeFileSync(path.join(folder, 'own'), 'own bytes')
    return path.join(folder, 'own')
  }

  test.each([
    ['busybox tftp', () => ['busybox', 'tftp', '-p', '-l', upload(), '-r', 'small', '127.0.0.1', port()]],
    ['curl', () => ['curl', '-sS', '-T', upload(), `tftp://127.0.0.1:${port()}/small`]],
    ['tftp-hpa', () => ['tftp', '-m', 'octet', '127.0.0.1', port(), '-c', 'put', upload(), 'small']],
    ['atftp', () => ['atftp', '-p', '-l', upload(), '-r', 'small', '127.0.0.1', port()]],
  ])('%s may not write', async (_program, words) => {
    expect(await said(words(), 'read-only')).toMatch(/read-only|access violation|curl: \(69\)/i)
  })

  test('tftp-hpa asks for text (netascii)', async () => {
    const words = ['tftp', '-m', 'netascii', '127.0.0.1', port(), '-c', 'get', 'small', localFile('text')]
    expect(await said(words, 'mode')).toContain('Only octet mode is served')
  })

  /** What a program says of its failure, once the server has refused for this reason. */
  async function said([command = '', ...words]: string[], reason: string): Promise<string> {
    const refused = once(server, 'refused')
    const { stdout, stderr } = await run(command, words).catch((error: { stdout: string; stderr: string }) => error)
    expect((await refused)[0]).toMatchObject({ file: 'small', reason })
    return stdout + stderr
  }
})
