/** Routes that are added from outside: the server's bounds hold for them as well. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createBootFiles } from '../../../src/boot-files.ts'
import { createHttpServer, type HttpServer, type RequestOutcome, type Route } from '../../../src/http/index.ts'
import type { LogEntry } from '../../../src/log.ts'

let server: HttpServer
let base: string
let logged: LogEntry[]
let outcomes: RequestOutcome[]
/** Told when the stream of events noticed that its client has left. */
const left = vi.fn()

const routes: Route[] = [
  {
    method: 'GET',
    path: '/api/status',
    handle: (exchange) => exchange.reply(200, { 'Content-Type': 'application/json' }, '{"version":1}'),
  },
  {
    method: 'POST',
    path: '/api/echo',
    async handle(exchange) {
      const text = await exchange.readText(10)
      if (text !== undefined) await exchange.reply(200, {}, `${exchange.query.get('before')}${text}`)
    },
  },
  {
    method: 'GET',
    path: '/api/events',
    async handle(exchange) {
      exchange.response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      await exchange.write('data: first\n\n')
      await once(exchange.over, 'abort')
      left()
    },
  },
  {
    method: 'GET',
    path: '/api/endless',
    async handle(exchange) {
      exchange.response.writeHead(200)
      while (true) await exchange.write(Buffer.alloc(65_536))
    },
  },
  {
    method: 'GET',
    path: '/api/by-itself',
    handle: ({ response }) => void response.writeHead(200).end(Buffer.alloc(10_000_000)),
  },
  {
    method: 'GET',
    path: '/api/broken',
    handle() {
      throw new Error('it is broken')
    },
  },
  {
    method: 'GET',
    path: '/api/broken-later',
    async handle(exchange) {
      exchange.response.writeHead(200, { 'Content-Length': 100 })
      await exchange.write('half')
      throw new Error('it broke later')
    },
  },
  { method: 'GET', path: '/taken', handle: (exchange) => exchange.reply(200, {}, 'the route') },
]

beforeEach(async () => {
  logged = []
  const seen: RequestOutcome[] = []
  outcomes = seen
  left.mockReset()
  server = createHttpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles([
      { name: 'taken', size: 8, bytes: Buffer.from('the file') },
      { name: 'file', size: 8, bytes: Buffer.from('the file') },
    ]),
    routes,
    log: (entry) => logged.push(entry),
    limits: { readTimeout: 1000, requestTimeout: 2000, idleTimeout: 100 },
  })
  server.on('request', (outcome) => seen.push(outcome))
  await server.start()
  base = `http://127.0.0.1:${server.port}`
})
afterEach(() => server.close())

async function openSocket(text: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

test('a whole answer, with its length, by GET and by HEAD', async () => {
  const get = await fetch(`${base}/api/status?ignored`)
  expect([get.status, get.headers.get('content-length'), await get.json()]).toEqual([200, '13', { version: 1 }])
  const head = await fetch(`${base}/api/status`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '13', ''])
  expect(outcomes.map(({ file, bytes, complete }) => [file, bytes, complete])).toEqual([
    ['/api/status?ignored', 13, true],
    ['/api/status', 0, true],
  ])
})

test('what is asked for often is not worth a line of an ordinary log', async () => {
  await (await fetch(`${base}/api/status`)).text()
  await (await fetch(`${base}/file`)).text()
  expect(logged.filter(({ event }) => event === 'http.done').map(({ level, file }) => [level, file])).toEqual([
    ['debug', '/api/status'],
    ['info', 'file'],
  ])
})

test('another method is a 405, another path a 404, and a route goes before a boot file', async () => {
  const post = await fetch(`${base}/api/status`, { method: 'POST' })
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect((await fetch(`${base}/api/status/`)).status).toBe(404)
  expect(await (await fetch(`${base}/taken`)).text()).toBe('the route')
  expect(await (await fetch(`${base}/file`)).text()).toBe('the file')
})

test('a body is read up to its limit, whatever its length claims', async () => {
  const post = (body: string) => fetch(`${base}/api/echo?before=%3E`, { method: 'POST', body })
  expect(await (await post('0123456789')).text()).toBe('>0123456789')
  expect((await post('01234567890')).status).toBe(413)
  const chunked = await openSocket('POST /api/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  chunked.write('8\r\n01234567\r\n8\r\n01234567\r\n')
  const [answer] = await once(chunked, 'data')
  expect(`${answer}`).toMatch(/^HTTP\/1\.1 413 /)
  await once(chunked, 'close')
})

describe('an answer without an end', () => {
  test('goes on while nothing is sent, longer than any time limit, and learns that its client has left', async () => {
    const socket = await openSocket('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(`${(await once(socket, 'data'))[0]}`).toContain('data: first')
    // The limits for the others pass meanwhile.
    const idle = await openSocket('GET /file HTTP/1.1\r\nHost: x\r\n\r\n')
    idle.resume()
    await once(idle, 'close')
    expect(socket.readyState).toBe('open')
    expect(left).not.toHaveBeenCalled()
    socket.destroy()
    await vi.waitFor(() => expect(left).toHaveBeenCalledOnce())
    expect(logged.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
  })

  test('is ended by close', async () => {
    const socket = await openSocket('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    await server.close()
    await vi.waitFor(() => expect(left).toHaveBeenCalledOnce())
  })
})

test.each(['/api/endless', '/api/by-itself'])('%s is cut off when its client does not read', async (path) => {
  const socket = await openSocket(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  socket.pause()
  await vi.waitFor(() => expect(outcomes).toMatchObject([{ file: path, complete: false }]), 8000)
  socket.destroy()
})

describe('a route that fails', () => {
  test('is a 500 and one line of log', async () => {
    expect((await fetch(`${base}/api/broken`)).status).toBe(500)
    expect((await fetch(`${base}/api/broken`)).status).toBe(500)
    expect(logged.filter(({ level }) => level === 'error')).toMatchObject([{ message: '/api/broken: it is broken' }])
  })

  test('after its answer has begun ends the connection', async () => {
    const response = await fetch(`${base}/api/broken-later`)
    await expect(response.text()).rejects.toThrow()
    expect(logged.filter(({ level }) => level === 'error')).toMatchObject([{ file: '/api/broken-later' }])
  })
})
