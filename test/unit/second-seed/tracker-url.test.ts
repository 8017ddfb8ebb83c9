import { expect, test } from 'vitest'
import { trackerUrl } from '../../../src/second-seed/index.ts'

test.each(['http://192.0.2.1:10001/announce', 'https://tracker.example/announce', 'udp://192.0.2.1:10001/announce'])(
  'trackers by HTTP and UDP are taken as they are written: %s',
  (url) => {
    expect(trackerUrl(url)).toBe(url)
  },
)

test.each([
  '',
  'nonsense',
  '192.0.2.1',
  'http://',
  'ftp://192.0.2.1/announce',
  'ws://192.0.2.1/',
  'udp://192.0.2.1/announce',
  'udp://192.0.2.1:0/announce',
  'http://192.0.2.1/announ ce',
  'http://192.0.2.1/announce\n',
  ' http://192.0.2.1/announce',
])('what is no address of a tracker is refused with an example: %j', (text) => {
  const refusal = {
    code: 'USAGE',
    message: `"${text}" is no address of a tracker.`,
    hint: expect.stringContaining('udp://'),
  }
  expect(() => trackerUrl(text)).toThrow(expect.objectContaining(refusal))
})
