import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { getText, parseUrl, postJson } from '../../../client/tui/http.ts'
import { system } from '../../../client/tui/system-node.ts'

const limit = 100_000

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A server made by Node that answers with the body it got. */
async function serve(answer: (body: string) => string): Promise<number> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => response.end(answer(body)))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

describe('posting JSON', () => {
  test('arrives whole, whatever characters it has', async () => {
    const port = await serve((body) => body)
    const body = { name: 'Größe ♥ 日本 🐧', path: '/a "b" \\' }
    expect(await postJson(system, { address: '127.0.0.1', port, path: '/', body, timeout: 5000, limit })).toEqual(body)
  })

  test('an empty answer is none', async () => {
    const port = await serve(() => '')
    expect(
      await postJson(system, { address: '127.0.0.1', port, path: '/', body: {}, timeout: 5000, limit }),
    ).toBeUndefined()
  })

  test('nobody there rejects', async () => {
    const port = await system.freePort()
    await expect(
      postJson(system, { address: '127.0.0.1', port, path: '/', body: {}, timeout: 5000, limit }),
    ).rejects.toThrow()
  })

  test('no answer rejects in time', async () => {
    const server = createServer(() => {})
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const post = postJson(system, { address: '127.0.0.1', port, path: '/', body: {}, timeout: 50, limit })
    await expect(post).rejects.toThrow('no answer in time')
  })
})

describe('getting a text', () => {
  test('gives the body of the answer', async () => {
    const port = await serve(() => 'Größe')
    expect(await getText(system, { address: '127.0.0.1', port, path: '/a?b=%00', timeout: 5000, limit })).toBe('Größe')
  })

  test('rejects when the answer is an error', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('nothing here'))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const get = getText(system, { address: '127.0.0.1', port, path: '/', timeout: 5000, limit })
    await expect(get).rejects.toThrow('answers with 404')
  })
})

test.each([
  ['a text', (port: number) => getText(system, { address: '127.0.0.1', port, path: '/', timeout: 5000, limit: 1000 })],
  [
    'the answer of a post',
    (port: number) => postJson(system, { address: '127.0.0.1', port, path: '/', body: {}, timeout: 5000, limit: 1000 }),
  ],
])('%s that is too long rejects', async (_what, ask) => {
  const port = await serve(() => '1'.repeat(1001))
  await expect(ask(port)).rejects.toThrow('the answer has more than 1000 bytes')
})

describe('an address', () => {
  test('of numbers is split', () => {
    expect(parseUrl('http://192.0.2.1:8000/report')).toEqual({ address: '192.0.2.1', port: 8000, path: '/report' })
    expect(parseUrl('http://192.0.2.1')).toEqual({ address: '192.0.2.1', port: 80, path: '/' })
  })

  test.each(['', 'https://192.0.2.1/', 'http://host/report', 'http://192.0.2.1:8000/a b'])('%j is none', (url) => {
    expect(parseUrl(url)).toBeUndefined()
  })
})
