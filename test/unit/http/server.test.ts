import { once } from 'node:events'
import { mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { Agent, get as httpGet, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ClientReport } from '../../../client/contract.ts'
import { type BootFile, createBootFiles } from '../../../src/boot-files.ts'
import { createHttpServer, type HttpLimits, type HttpServer } from '../../../src/http/index.ts'
import type { LogEntry } from '../../../src/log.ts'
import { randomBytes, seeded } from '../tftp/random.ts'

const big = randomBytes(seeded(1), 3_000_000)
let folder: string
let server: HttpServer
let base: string
let logged: LogEntry[]
let reports: [ClientReport, string][]

async function serve(limits: Partial<HttpLimits> = {}): Promise<void> {
  const onDisk = path.join(folder, 'file')
  writeFileSync(onDisk, big)
  const table: BootFile[] = [
    { name: 'boot/big', size: big.length, bytes: big },
    { name: 'disk', size: big.length, path: onDisk },
    { name: 'empty', size: 0, bytes: Buffer.alloc(0) },
    { name: 'boot.ipxe', size: 7, bytes: Buffer.from('#!ipxe\n') },
    { name: 'gone', size: 7, path: path.join(folder, 'gone') },
    { name: 'ümlaut file', size: 1, bytes: Buffer.from('x') },
  ]
  logged = []
  reports = []
  server = createHttpServer({
    address: '127.0.0.1',
    port: 0,
    files: createBootFiles(table),
    onReport: (report, from) => reports.push([report, from]),
    log: (entry) => logged.push(entry),
    limits,
  })
  await server.start()
  base = `http://127.0.0.1:${server.port}`
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'http-server-'))
  await serve()
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

/** A connection of which every byte is in the test's hands. */
async function openSocket(): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function readToEnd(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (part) => {
    text += part.toString('latin1')
  })
  if (!socket.destroyed) await once(socket, 'close')
  return text
}

describe('boot files', () => {
  test.each(['boot/big', 'disk'])('%s arrives whole', async (name) => {
    const finished = once(server, 'request')
    const response = await fetch(`${base}/${name}`)
    expect(response.headers.get('content-length')).toBe('3000000')
    expect((await bytesOf(response)).equals(big)).toBe(true)
    const [outcome] = await finished
    expect(outcome).toMatchObject({
      remote: { address: '127.0.0.1' },
      file: name,
      method: 'GET',
      status: 200,
      bytes: 3_000_000,
      complete: true,
    })
  })

  test('an empty file', async () => {
    const response = await fetch(`${base}/empty`)
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '0'])
    expect((await bytesOf(response)).length).toBe(0)
  })

  test('a name with spaces and umlauts', async () => {
    expect(await (await fetch(`${base}/${encodeURIComponent('ümlaut file')}`)).text()).toBe('x')
  })

  test.each(['boot/big', 'disk'])('a part of %s across the pieces it is sent in', async (name) => {
    const response = await fetch(`${base}/${name}`, { headers: { range: 'bytes=262000-800000' } })
    expect(response.status).toBe(206)
    expect((await bytesOf(response)).equals(big.subarray(262_000, 800_001))).toBe(true)
  })

  test('HEAD knows no ranges: it tells the whole length (RFC 9110 section 14.2)', async () => {
    const head = await fetch(`${base}/disk`, { method: 'HEAD', headers: { range: 'bytes=1-2' } })
    const whole = await fetch(`${base}/disk`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-range')]).toEqual([200, null])
    expect(head.headers.get('content-length')).toBe(whole.headers.get('content-length'))
  })

  test.each(['boot/big', 'disk'])('HEAD tells the same as GET of %s, without the bytes', async (name) => {
    const head = await fetch(`${base}/${name}`, { method: 'HEAD' })
    const get = await fetch(`${base}/${name}`)
    await get.body?.cancel()
    for (const field of ['content-length', 'content-type', 'etag', 'accept-ranges']) {
      expect(head.headers.get(field)).toBe(get.headers.get(field))
    }
    expect((await bytesOf(head)).length).toBe(0)
  })

  test.each(['boot/big', 'disk'])('the ETag of %s saves a second transfer', async (name) => {
    const first = await fetch(`${base}/${name}`, { method: 'HEAD' })
    const etag = first.headers.get('etag') as string
    const second = await fetch(`${base}/${name}`, { headers: { 'if-none-match': etag } })
    expect(second.status).toBe(304)
    expect(second.headers.get('etag')).toBe(etag)
  })

  test('two files have two ETags', async () => {
    const tags = await Promise.all(
      ['boot/big', 'empty', 'disk'].map(async (name) =>
        (await fetch(`${base}/${name}`, { method: 'HEAD' })).headers.get('etag'),
      ),
    )
    expect(new Set(tags).size).toBe(3)
  })

  test('a connection serves one request after the other', async () => {
    const socket = await openSocket()
    const get = (name: string, last = '') => `GET /${name} HTTP/1.1\r\nHost: x\r\n${last}\r\n`
    socket.write(get('boot.ipxe') + get('nothing') + get('boot.ipxe', 'Connection: close\r\n'))
    const text = await readToEnd(socket)
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200'])
    expect(text.match(/#!ipxe/g)).toHaveLength(2)
  })
})

describe('nothing else is reachable', () => {
  test.each([
    '/',
    '/nothing',
    '//boot.ipxe',
    '/boot',
    '/boot/',
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%5c..%5cetc',
    '/boot.ipxe%00',
    '/__proto__',
    '/%1b%5b2J',
  ])('%s is a clean 404', async (target) => {
    const socket = await openSocket()
    const finished = once(server, 'request')
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    const text = await readToEnd(socket)
    expect(text).toMatch(/^HTTP\/1\.1 404 /)
    expect(text).toMatch(/\r\n\r\nThere is no such boot file\.\n$/)
    expect((await finished)[0]).toMatchObject({ status: 404, bytes: 0 })
  })

  test('a path that cannot be decoded is a 400', async () => {
    expect((await fetch(`${base}/%ff`)).status).toBe(400)
  })

  test.each(['PUT', 'POST', 'DELETE', 'OPTIONS'])('%s of a boot file is a 405', async (method) => {
    const response = await fetch(`${base}/boot.ipxe`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('a file that is gone from the disk is a 500, and a log line that names it', async () => {
    expect((await fetch(`${base}/gone`)).status).toBe(500)
    expect(logged.find(({ level }) => level === 'error')?.message).toContain('gone cannot be opened')
    expect((await fetch(`${base}/boot.ipxe`)).status).toBe(200)
  })

  test('a file that shrinks while it is sent breaks the connection: its promised length is never filled up', async () => {
    const response = await fetch(`${base}/disk`)
    truncateSync(path.join(folder, 'file'), 10)
    await expect(response.arrayBuffer()).rejects.toThrow()
  })

  test('a file that was replaced by one of another size is not served', async () => {
    writeFileSync(path.join(folder, 'file'), 'short')
    expect((await fetch(`${base}/disk`)).status).toBe(500)
  })
})

describe('reports', () => {
  const post = (body: string) => fetch(`${base}/report`, { method: 'POST', body })

  test('a report is handed on, with the address it came from', async () => {
    const response = await post('{"mac":"52:54:00:12:34:5A","step":"menu","detail":"a\\u001bb"}')
    expect(response.status).toBe(204)
    expect(reports).toEqual([[{ mac: '52:54:00:12:34:5a', step: 'menu', detail: 'a?b' }, '127.0.0.1']])
  })

  test('a wrong one is a 400 that says why, and is not handed on', async () => {
    const response = await post('{"mac":"x"}')
    expect([response.status, await response.text()]).toEqual([
      400,
      'mac is not a MAC address like 52:54:00:12:34:56.\n',
    ])
    expect(reports).toEqual([])
  })

  test('one that is too long is a 413, and what follows it on the connection is not read', async () => {
    const socket = await openSocket()
    socket.write(`POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(5000)}`)
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 413 [\s\S]*What is posted here has at most 4096 bytes\.\n$/)
    expect(reports).toEqual([])
  })

  test('one that is broken off is dropped without a word of error', async () => {
    const socket = await openSocket()
    const finished = once(server, 'request')
    socket.write('POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"mac":')
    socket.end()
    socket.destroy()
    await finished
    expect(reports).toEqual([])
    expect(logged.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('GET of the report is a 405', async () => {
    const response = await fetch(`${base}/report`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('clients that are slow, idle or many', () => {
  test('one that does not read is cut off, others are served meanwhile', async () => {
    await server.close()
    await serve({ readTimeout: 200 })
    const finished = new Promise((resolve) => server.on('request', (outcome) => outcome.complete || resolve(outcome)))
    const slow = await openSocket()
    slow.pause()
    // Several at once on one connection: more than the buffers of both sides hold.
    slow.write('GET /boot/big HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(8))
    expect((await bytesOf(await fetch(`${base}/boot/big`))).equals(big)).toBe(true)
    expect(await finished).toMatchObject({ file: 'boot/big', complete: false })
    slow.destroy()
  })

  test.each([
    ['says nothing', ''],
    ['does not end its header', 'GET /boot.ipxe HTTP/1.1\r\nHost'],
    ['does not send its report', 'POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'],
  ])('one that %s is cut off', async (_what, text) => {
    await server.close()
    await serve({ requestTimeout: 100 })
    const socket = await openSocket()
    socket.write(text)
    const answer = await readToEnd(socket)
    expect(answer === '' || answer.startsWith('HTTP/1.1 408')).toBe(true)
    expect(reports).toEqual([])
  })

  test('a connection without a further request is closed', async () => {
    await server.close()
    await serve({ idleTimeout: 50 })
    const socket = await openSocket()
    socket.write('GET /boot.ipxe HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await readToEnd(socket)).toContain('#!ipxe')
  })

  test('one address cannot take more than its share of connections', async () => {
    await server.close()
    await serve({ connectionsPerClient: 3 })
    const first = await Promise.all([openSocket(), openSocket(), openSocket()])
    const fourth = await openSocket()
    await once(fourth, 'close')
    for (const socket of first) socket.destroy()
    // The server notices a little later that they are gone.
    await vi.waitFor(async () => expect((await fetch(`${base}/boot.ipxe`)).status).toBe(200))
  })

  test.each([
    ['nonsense', '\u0016\u0003\u0001garbage\r\n\r\n'],
    ['an endless header', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s is answered with an error and the end of the connection', async (_what, text) => {
    const socket = await openSocket()
    socket.write(text)
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect((await fetch(`${base}/boot.ipxe`)).status).toBe(200)
  })
})

/** How often this process has the file on the disk open. */
function openTimes(): number {
  const onDisk = path.join(folder, 'file')
  const targets = readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      return undefined
    }
  })
  return targets.filter((target) => target === onDisk).length
}

describe('several requests on one connection', () => {
  const get = (name: string, fields = '') => `GET /${name} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`

  test('those that are sent at once are answered in order, and the file is open for one at a time', async () => {
    const open: number[] = []
    server.on('request', () => open.push(openTimes()))
    const socket = await openSocket()
    const parts = ['bytes=0-9', 'bytes=0-2999999', 'bytes=20-29'].map((range) => get('disk', `Range: ${range}\r\n`))
    socket.write(parts.join('') + get('boot.ipxe', 'Connection: close\r\n'))
    const text = await readToEnd(socket)
    expect(text.match(/HTTP\/1\.1 206|Content-Range: \S+ \S+|#!ipxe/gi)).toEqual([
      'HTTP/1.1 206',
      'Content-Range: bytes 0-9/3000000',
      'HTTP/1.1 206',
      'Content-Range: bytes 0-2999999/3000000',
      'HTTP/1.1 206',
      'Content-Range: bytes 20-29/3000000',
      '#!ipxe',
    ])
    expect(open).toHaveLength(4)
    expect(Math.max(...open)).toBeLessThanOrEqual(1)
  })

  test('a report among them is taken in its turn', async () => {
    const report = '{"mac":"52:54:00:12:34:5a","step":"menu","detail":""}'
    const socket = await openSocket()
    const post = `POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: ${report.length}\r\n\r\n${report}`
    socket.write(get('disk') + post + get('boot.ipxe', 'Connection: close\r\n'))
    const text = await readToEnd(socket)
    expect(text.match(/HTTP\/1\.1 \d+ /g)).toEqual(['HTTP/1.1 200 ', 'HTTP/1.1 204 ', 'HTTP/1.1 200 '])
    expect(reports).toHaveLength(1)
  })

  test('any number that come one after the other are answered on the same connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    for (let count = 0; count < 30; count += 1) {
      const [response] = (await once(httpGet(`${base}/boot.ipxe`, { agent }), 'response')) as [IncomingMessage]
      ports.add(response.socket.localPort)
      response.resume()
      await once(response, 'end')
    }
    agent.destroy()
    expect(ports.size).toBe(1)
  })

  test('too many at once end the connection: counted each time, logged once', async () => {
    const opened = vi.fn()
    server.on('request', opened)
    for (const count of [1, 2]) {
      const socket = await openSocket()
      const closed = once(socket, 'close')
      socket.write(get('disk').repeat(1500))
      socket.resume()
      await closed
      await vi.waitFor(() => expect(opened).toHaveBeenCalledTimes(count))
      expect(server.counters.crowded).toBe(count)
    }
    const complaints = logged.filter(({ event }) => event === 'http.crowded')
    expect(complaints).toEqual([expect.objectContaining({ level: 'warn', remote: '127.0.0.1' })])
    expect(complaints[0]?.message).toContain('127.0.0.1: more than 8 requests')
    await vi.waitFor(() => expect(openTimes()).toBe(0))
    expect((await fetch(`${base}/boot.ipxe`)).status).toBe(200)
  })

  test('as many as may wait are all answered; one more is too many', async () => {
    await server.close()
    await serve({ waitingRequests: 2 })
    const socket = await openSocket()
    socket.write(get('boot.ipxe') + get('boot.ipxe') + get('boot.ipxe', 'Connection: close\r\n'))
    expect((await readToEnd(socket)).match(/#!ipxe/g)).toHaveLength(3)
    expect(server.counters.crowded).toBe(0)
    const crowd = await openSocket()
    crowd.write(get('boot.ipxe').repeat(4))
    await readToEnd(crowd)
    expect(server.counters.crowded).toBe(1)
  })

  test.each([
    ['', 'requests that wait'],
    ['GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n', 'one that waits for an answer of the HTTP library'],
  ])('a client that leaves leaves no file open (%s%s)', async (before) => {
    const finished = once(server, 'request')
    const socket = await openSocket()
    socket.write(before + get('disk').repeat(5))
    await once(socket, 'readable')
    socket.destroy()
    await finished
    await vi.waitFor(() => expect(openTimes()).toBe(0))
  })
})

describe('the log', () => {
  test('many broken downloads of one peer are one warning, and one event each', async () => {
    const outcomes: boolean[] = []
    server.on('request', ({ complete }) => outcomes.push(complete))
    for (let count = 1; count <= 3; count += 1) {
      const socket = await openSocket()
      // More than the buffers of both sides hold.
      socket.write('GET /boot/big HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(8))
      await once(socket, 'readable')
      socket.destroy()
      await vi.waitFor(() => expect(outcomes.filter((complete) => !complete)).toHaveLength(count))
    }
    expect(logged.filter(({ event }) => event === 'http.aborted')).toHaveLength(1)
  })

  test('a file that cannot be read is one error, however often it is asked for', async () => {
    for (let count = 0; count < 3; count += 1) expect((await fetch(`${base}/gone`)).status).toBe(500)
    expect(logged.filter(({ event }) => event === 'http.failed')).toHaveLength(1)
  })
})

describe('start and close', () => {
  test('a port that is taken is named, with what to do', async () => {
    const second = createHttpServer({ address: '127.0.0.1', port: server.port, files: createBootFiles([]) })
    await expect(second.start()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringMatching(
        new RegExp(
          `^.+ \\(process ${process.pid}\\) already uses TCP 127\\.0\\.0\\.1:${server.port}, the port of HTTP$`,
        ),
      ),
    })
    await second.close()
  })

  test('an address that is not ours is named', async () => {
    const elsewhere = createHttpServer({ address: '192.0.2.1', port: 0, files: createBootFiles([]) })
    await expect(elsewhere.start()).rejects.toMatchObject({ code: 'INTERFACE' })
  })

  test('close before the start is done leaves nothing bound', async () => {
    const { port } = server
    await server.close()
    const options = { address: '127.0.0.1', port, files: createBootFiles([]) }
    const closed = createHttpServer(options)
    const starting = closed.start()
    await closed.close()
    await starting.catch(() => {})
    const next = createHttpServer(options)
    await next.start()
    await next.close()
  })

  test('a second start while it runs changes nothing', async () => {
    const { port } = server
    await Promise.all([server.start(), server.start()])
    expect(server.port).toBe(port)
    expect(logged.filter(({ event }) => event === 'http.listening').length).toBe(1)
    expect((await fetch(`${base}/boot.ipxe`)).status).toBe(200)
  })

  test('close ends open connections, and a start right after works', async () => {
    const socket = await openSocket()
    const { port } = server
    await server.close()
    await readToEnd(socket)
    const again = createHttpServer({ address: '127.0.0.1', port, files: createBootFiles([]) })
    await again.start()
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    await again.close()
    await again.close()
  })
})
