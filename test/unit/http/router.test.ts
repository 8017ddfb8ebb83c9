import { expect, test } from 'vitest'
import type { Route } from '../../../src/http/index.ts'
import { Router } from '../../../src/http/router.ts'

const route = (method: Route['method'], path: string): Route => ({ method, path, handle: () => {} })
const status = route('GET', '/api/status')
const wake = route('POST', '/api/wake')
const list = route('GET', '/api/wake')
const router = new Router([status, wake, list])

test.each([
  ['GET', '/api/status', { route: status }],
  ['HEAD', '/api/status', { route: status }],
  ['POST', '/api/status', { allow: 'GET, HEAD' }],
  ['POST', '/api/wake', { route: wake }],
  ['HEAD', '/api/wake', { route: list }],
  ['get', '/api/status', { allow: 'GET, HEAD' }],
  ['DELETE', '/api/wake', { allow: 'GET, HEAD, POST' }],
  ['__proto__', '/api/status', { allow: 'GET, HEAD' }],
  ['GET', '/api/status/', undefined],
  ['GET', '/api', undefined],
  ['GET', '/__proto__', undefined],
])('%s %s', (method, path, choice) => {
  expect(router.choose(method, path)).toEqual(choice)
})

test('a path that is only for writing has no HEAD', () => {
  expect(new Router([wake]).choose('HEAD', '/api/wake')).toEqual({ allow: 'POST' })
})

test('a later route replaces an earlier one', () => {
  const later = route('GET', '/api/status')
  expect(new Router([status, later]).choose('GET', '/api/status')).toEqual({ route: later })
})
