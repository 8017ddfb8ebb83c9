import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import { fetchOverview, fetchSystems, hostUrl } from '../../../src/second-seed/host.ts'
import { fakeIo } from '../cli/fake-io.ts'

describe('the address of a host', () => {
  test.each([
    ['192.0.2.1', 'http://192.0.2.1:8000/'],
    ['192.0.2.1:8080', 'http://192.0.2.1:8080/'],
    ['192.0.2.1:80', 'http://192.0.2.1/'],
    ['http://192.0.2.1', 'http://192.0.2.1:8000/'],
    ['http://server:9000/', 'http://server:9000/'],
  ])('%s is %s', (text, url) => {
    expect(hostUrl(text).href).toBe(url)
  })

  test.each(['', 'https://192.0.2.1', 'ftp://x', 'ht!tp://', 'a b', 'http://'])('cannot be %j', (text) => {
    expect(() => hostUrl(text)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})

describe('a host that answers otherwise than expected', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  async function hostThat(answers: RequestListener): Promise<URL> {
    server = createServer(answers).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return hostUrl(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  }

  test.each<[string, RequestListener]>([
    ['not found', (_, response) => response.writeHead(404).end()],
    ['elsewhere', (_, response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()],
    ['nothing', (_, response) => response.destroy()],
  ])('%s', async (_, answers) => {
    await expect(fetchOverview(await hostThat(answers))).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  test.each(['', 'null', '[]', '{"oss":5}', '{"oss":[{"name":5}]}', '{"oss":[null]}'])('%j', async (overview) => {
    const host = await hostThat((_, response) => response.end())
    await expect(fetchSystems(host, overview)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  test.each(['', 'd4:infoi1ee', 'd4:infod6:lengthi5e4:name1:x12:piece lengthi16384e6:pieces0:ee'])(
    'with the torrent %j',
    async (torrent) => {
      const host = await hostThat((_, response) => response.end(torrent))
      await expect(fetchSystems(host, '{"oss":[{"name":"x"}]}')).rejects.toMatchObject({ code: 'FORMAT' })
    },
  )
})

test.each([
  [['seed', '.'], /required option '--of <address>'/],
  [['seed', '.', '--of', 'https://x'], /"https:\/\/x" is no address of a host/],
  [['seed', '.', '--of', '192.0.2.1', '--port', '99999'], /--port 99999 is no port/],
])('%j is refused with exit code 2', async (words, complaint) => {
  const io = fakeIo()
  expect(await run(words, io)).toBe(2)
  expect(io.errors()).toMatch(complaint)
})
