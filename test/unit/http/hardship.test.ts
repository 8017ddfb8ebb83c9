/** Clients that attack: smuggled requests, and floods of connections that say or read too little. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBootFiles } from '../../../src/boot-files.ts'
import { createHttpServer, type HttpLimits, type HttpServer } from '../../../src/http/index.ts'
import { usedMemory } from '../memory.ts'
import { randomBytes, seeded } from '../tftp/random.ts'

const bytes = randomBytes(seeded(31), 8_000_000)
let folder: string
let server: HttpServer
const onReport = vi.fn()

async function serve(limits: Partial<HttpLimits>): Promise<void> {
  server = createHttpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles([
      { name: 'disk', path: path.join(folder, 'disk'), size: bytes.length },
      { name: 'small', bytes: Buffer.from('small'), size: 5 },
    ]),
    onReport,
    limits,
  })
  await server.start()
}

beforeEach(async () => {
  onReport.mockReset()
  folder = mkdtempSync(path.join(tmpdir(), 'http-hardship-'))
  writeFileSync(path.join(folder, 'disk'), bytes)
  await serve({ requestTimeout: 1000, connectionsPerClient: 64 })
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function openSocket(localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** The status lines of everything that comes until the server ends the connection. */
async function answersTo(text: string): Promise<string[]> {
  const socket = await openSocket()
  let answer = ''
  socket.on('data', (part) => {
    answer += part.toString('latin1')
  })
  socket.write(text)
  await once(socket, 'close')
  return answer.match(/^HTTP\/1\.1 \d+/gm) ?? []
}

async function expectGoodClientServed(): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.port}/disk`)
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
}

const report = '{"mac":"52:54:00:12:34:56","step":"menu","detail":"smuggled"}'
const smuggled = `POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: ${report.length}\r\n\r\n${report}`

/** Requests whose end two programs could see at two places: what stands behind must not be taken for a request. */
test.each([
  [
    'a length and chunks',
    `Content-Length: ${smuggled.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  ['two lengths', `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
  ['a list of lengths', `Content-Length: 0, ${smuggled.length}\r\n\r\n${smuggled}`],
  ['a blank before the colon', `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['chunks that are not last', `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`],
  ['a chunk length that is none', `Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${smuggled}`],
  ['a folded field', `X: y\r\n Content-Length: ${smuggled.length}\r\n\tz\r\n: \r\n\r\n${smuggled}`],
  ['a length with a sign', `Content-Length: +0\r\n\r\n${smuggled}`],
])('%s: one error, the end of the connection, and nothing behind it is read', async (_what, rest) => {
  expect(await answersTo(`POST /report HTTP/1.1\r\nHost: x\r\n${rest}`)).toEqual(['HTTP/1.1 400'])
  expect(onReport).not.toHaveBeenCalled()
})

test('a flood of connections that never end their request holds up nobody, and ends', async () => {
  const addresses = Array.from({ length: 4 }, (_, index) => `127.0.4.${index + 1}`)
  const slow = await Promise.all(addresses.flatMap((address) => Array.from({ length: 50 }, () => openSocket(address))))
  const ended = Promise.all(slow.map((socket) => once(socket.resume(), 'close')))
  for (const socket of slow) socket.write('GET /small HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  await expectGoodClientServed()
  await ended
}, 60_000)

test('a flood of clients that do not read takes little memory, holds up nobody, and ends', async () => {
  await server.close()
  await serve({ readTimeout: 2000, connectionsPerClient: 64 })
  const broken = vi.fn()
  server.on('request', ({ complete }) => complete || broken())
  await expectGoodClientServed()
  const before = await usedMemory()
  const addresses = Array.from({ length: 2 }, (_, index) => `127.0.4.${index + 1}`)
  const slow = await Promise.all(addresses.flatMap((address) => Array.from({ length: 50 }, () => openSocket(address))))
  for (const socket of slow) {
    socket.pause()
    socket.write('GET /disk HTTP/1.1\r\nHost: x\r\n\r\n')
  }
  await expectGoodClientServed()
  // Two pieces of 256 KiB each, and something for the connection itself; the whole file would be 8 MB each.
  expect((await usedMemory()) - before).toBeLessThan(slow.length * 700_000)
  await vi.waitFor(() => expect(broken).toHaveBeenCalledTimes(slow.length), 30_000)
  for (const socket of slow) socket.destroy()
  await expect.poll(async () => (await usedMemory()) - before, { timeout: 20_000 }).toBeLessThan(10e6)
}, 60_000)

test('addresses that take all connections together lose some, and hold up nobody', async () => {
  await server.close()
  await serve({ connections: 40, connectionsPerClient: 10 })
  const addresses = Array.from({ length: 5 }, (_, index) => `127.0.4.${index + 1}`)
  const slow = await Promise.all(addresses.flatMap((address) => Array.from({ length: 10 }, () => openSocket(address))))
  for (const socket of slow) socket.pause().write('GET /disk HTTP/1.1\r\nHost: x\r\n\r\n')
  await expectGoodClientServed()
  const lost = () => slow.filter((socket) => socket.resume().destroyed).length
  await expect.poll(lost, { timeout: 20_000 }).toBeGreaterThan(10)
  for (const socket of slow) socket.destroy()
}, 60_000)
