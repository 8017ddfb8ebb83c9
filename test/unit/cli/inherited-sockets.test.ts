import { expect, it } from 'vitest'
import { inheritedDhcpSocket } from '../../../src/cli/inherited-sockets.ts'

it('the one socket that was passed to this process is descriptor 3', () => {
  expect(inheritedDhcpSocket({ LISTEN_FDS: '1', LISTEN_PID: '42' }, 42)).toBe(3)
})

it.each([
  ['nothing', {}],
  ['sockets for another process', { LISTEN_FDS: '1', LISTEN_PID: '41' }],
  ['a count of none', { LISTEN_FDS: '0', LISTEN_PID: '42' }],
  ['a count that is no number', { LISTEN_FDS: 'one', LISTEN_PID: '42' }],
])('%s is no socket', (_, env) => {
  expect(inheritedDhcpSocket(env, 42)).toBeUndefined()
})

it('more sockets than can be taken are refused, with what to write', () => {
  const passed = () => inheritedDhcpSocket({ LISTEN_FDS: '2', LISTEN_PID: '42' }, 42)
  expect(passed).toThrow(expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('BindToDevice') }))
})
