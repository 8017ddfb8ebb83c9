/** Random and hostile bytes for an HTTP server: each case is what one connection sends. */
import { randomBytes } from '../tftp/random.ts'

const methods = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'get',
  'BREW',
  '',
  'G\0T',
  'PRI',
]
const targets = [
  '/file',
  '/file',
  '/disk',
  '/gone',
  '/report',
  '/',
  '*',
  '//file',
  '/../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/%',
  '/%ff',
  '/file%00',
  '/file?x=%',
  'http://127.0.0.1/file',
  'http://[::1',
  '127.0.0.1:22',
  '/\u001b[2J',
  `/${'x'.repeat(9000)}`,
  '',
]
const versions = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.1.1', 'HTTP', '']
const fields = [
  'Host: x',
  'Host: x',
  'Host: x\r\nHost: y',
  'Host:',
  'Connection: close',
  'Connection: keep-alive, close',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Expect: 100-continue',
  'Expect: wonders',
  'Range: bytes=0-0',
  'Range: bytes=5-1',
  'Range: bytes=-5',
  'Range: bytes=999999999999999999999-',
  'Range: bytes=0-1,2-3,4-5',
  `Range: bytes=${'0-1,'.repeat(500)}0-1`,
  'Range: lines=1-2',
  'If-Range: "x"',
  'If-None-Match: *',
  `If-None-Match: ${'"x",'.repeat(500)}"x"`,
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5, 5',
  'Content-Length: 3\r\nContent-Length: 4',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 4',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\u000bchunked',
  'X',
  ': x',
  ' folded',
  'X: \0',
  `X: ${'x'.repeat(9000)}`,
  `X-${'y'.repeat(200)}: 1`,
]
const bodies = [
  '',
  'hello',
  '{"mac":"52:54:00:12:34:56","step":"menu","detail":"Debian"}',
  `{"mac":"52:54:00:12:34:56","step":"menu","detail":"${'x'.repeat(5000)}"}`,
  '['.repeat(4000),
  '{"__proto__":{"mac":1}}',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n',
  'FFFFFFFFFFFFFFFF\r\nx',
  '-1\r\nx\r\n',
  'zz\r\n',
  '0\r\n\r\nGET /file HTTP/1.1\r\nHost: x\r\n\r\n',
]
const lineEnds = ['\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n']

/** What the connection does when everything is sent. */
export type Ending = 'waits' | 'ends' | 'breaks off'

export interface HttpCase {
  /** What is sent, in one write each. */
  readonly parts: readonly Buffer[]
  readonly ending: Ending
}

export function fuzzedCase(random: () => number): HttpCase {
  const below = (limit: number) => Math.floor(random() * limit)
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T

  const request = (): string => {
    const end = oneOf(lineEnds)
    const some = Array.from({ length: below(6) }, () => oneOf(fields))
    return [
      `${oneOf(methods)} ${oneOf(targets)} ${oneOf(versions)}`,
      ...some,
      '',
      below(2) === 0 ? oneOf(bodies) : '',
    ].join(end)
  }
  const good = 'GET /file HTTP/1.1\r\nHost: x\r\n\r\n'
  const kinds: (() => Buffer)[] = [
    () => randomBytes(random, below(300)),
    () => Buffer.from(request(), 'latin1'),
    () => Buffer.from(request(), 'latin1'),
    // Pipelined, few and far too many.
    () => Buffer.from(Array.from({ length: 1 + below(4) }, request).join(''), 'latin1'),
    () => Buffer.from(good.repeat(1 + below(30)), 'latin1'),
    () => Buffer.from(good + request(), 'latin1'),
    // Cut off, or damaged.
    () => Buffer.from(request().slice(0, below(80)), 'latin1'),
    () => damaged(Buffer.from(request(), 'latin1')),
  ]

  function damaged(bytes: Buffer): Buffer {
    for (let change = 0; change < 3 && bytes.length > 0; change += 1) bytes[below(bytes.length)] = below(256)
    return bytes
  }

  const whole = oneOf(kinds)()
  const cut = below(whole.length + 1)
  const parts = below(3) === 0 ? [whole.subarray(0, cut), whole.subarray(cut)] : [whole]
  return { parts, ending: below(10) === 0 ? 'waits' : oneOf(['ends', 'ends', 'breaks off']) }
}
