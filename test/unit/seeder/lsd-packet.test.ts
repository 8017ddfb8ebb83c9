import { describe, expect, test } from 'vitest'
import { decodeLsd, encodeLsd, HASHES_PER_PACKET } from '../../../src/seeder/lsd-packet.ts'

const HASH = '0123456789abcdef0123456789abcdef01234567'

test('an announce says where, and which torrents', () => {
  const text = encodeLsd({ port: 6881, infoHashes: [HASH], cookie: 'me' }).toString()
  expect(text).toBe(
    `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: ${HASH}\r\ncookie: me\r\n\r\n\r\n`,
  )
})

test('as many torrents as go into one announce stay below 1400 bytes', () => {
  const infoHashes = Array<string>(HASHES_PER_PACKET).fill(HASH)
  expect(encodeLsd({ port: 65535, infoHashes, cookie: 'c'.repeat(16) }).length).toBeLessThan(1400)
})

test('what is said is understood', () => {
  const announce = { port: 6881, infoHashes: [HASH, HASH.replace('0', 'f')], cookie: 'me' }
  expect(decodeLsd(encodeLsd(announce))).toEqual(announce)
})

test("aria2's announce is understood", () => {
  const text = `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6902\r\nInfohash: ${HASH.toUpperCase()}\r\n\r\n\r\n`
  expect(decodeLsd(Buffer.from(text))).toEqual({ port: 6902, infoHashes: [HASH], cookie: undefined })
})

describe('no announce is', () => {
  test.each([
    ['nothing', ''],
    ['only the first line, of which a common implementation dies', 'BT-SEARCH * HTTP/1.1'],
    ['another first line', `M-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: ${HASH}\r\n`],
    ['one without a port', `BT-SEARCH * HTTP/1.1\r\nInfohash: ${HASH}\r\n`],
    ['one with port 0', `BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: ${HASH}\r\n`],
    ['one with port 65536', `BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: ${HASH}\r\n`],
    ['one with a broken hash', 'BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: xyz\r\n'],
    [
      'one that is longer than a frame',
      `BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: ${HASH}\r\nX: ${'x'.repeat(2000)}`,
    ],
  ])('%s', (_, text) => {
    expect(decodeLsd(Buffer.from(text))).toBeUndefined()
  })
})
