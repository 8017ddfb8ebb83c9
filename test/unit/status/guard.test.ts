import { expect, test } from 'vitest'
import { hasToken, makeToken, objectionTo } from '../../../src/status/guard.ts'

const names = ['teacher', 'teacher.local']

test.each([
  ['the address', { host: '192.0.2.1:8000' }],
  ['the address without a port', { host: '192.0.2.1' }],
  ['an IPv6 address', { host: '[fe80::1]:8000' }],
  ['localhost', { host: 'localhost:8000' }],
  ['the name of this computer', { host: 'Teacher.local:8000' }],
  ['its own page', { host: '192.0.2.1:8000', origin: 'http://192.0.2.1:8000', 'sec-fetch-site': 'same-origin' }],
  ['a person who typed the address', { host: '192.0.2.1:8000', 'sec-fetch-site': 'none' }],
])('%s is answered', (_what, headers) => {
  expect(objectionTo(headers, names)).toBeUndefined()
})

test.each([
  ['no Host', {}],
  ['a name that somebody made to point here', { host: 'evil.example:8000' }],
  ['the same with a trick', { host: '192.0.2.1.evil.example' }],
  ['a Host that is none', { host: '192.0.2.1:8000/..' }],
  ['two in one', { host: '192.0.2.1, evil.example' }],
  ['the page of another site', { host: '192.0.2.1:8000', origin: 'http://evil.example' }],
  ['another port of ours', { host: '192.0.2.1:8000', origin: 'http://192.0.2.1:9000' }],
  ['a page without origin', { host: '192.0.2.1:8000', origin: 'null' }],
  ['a script element of another site', { host: '192.0.2.1:8000', 'sec-fetch-site': 'cross-site' }],
])('%s is refused with a sentence', (_what, headers) => {
  expect(objectionTo(headers, names)).toMatch(/\.$/)
})

test('only the token that was made opens', () => {
  const token = makeToken()
  expect(hasToken({ authorization: `Bearer ${token}` }, token)).toBe(true)
  for (const wrong of [
    undefined,
    '',
    token,
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    'Bearer ',
  ]) {
    expect(hasToken({ authorization: wrong }, token), wrong).toBe(false)
  }
  expect(makeToken()).not.toBe(token)
})
