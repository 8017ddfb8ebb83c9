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

test.each([
  ['http://192.0.2.1/announce#room', 'It has a fragment, which no tracker is sent. Leave out "#" and what follows it.'],
  [
    'udp://[2001:db8::1]:6969',
    'It is an IPv6 address; machines have IPv4 only. Write the IPv4 address of the tracker.',
  ],
])('what cannot be the address of our trackers is refused with the reason: %s', (text, hint) => {
  expect(() => trackerUrl(text)).toThrow(expect.objectContaining({ code: 'USAGE', hint }))
})
