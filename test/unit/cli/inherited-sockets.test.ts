import { expect, it } from 'vitest'
import { inheritedDhcpSockets } from '../../../src/cli/inherited-sockets.ts'

it('the one socket that was passed to this process is descriptor 3', () => {
  expect(inheritedDhcpSockets({ LISTEN_FDS: '1', LISTEN_PID: '42' }, 42)).toEqual([{ fd: 3 }])
})

it.each([
  ['nothing', {}],
  ['sockets for another process', { LISTEN_FDS: '1', LISTEN_PID: '41' }],
  ['a count of none', { LISTEN_FDS: '0', LISTEN_PID: '42' }],
  ['a count that is no number', { LISTEN_FDS: 'one', LISTEN_PID: '42' }],
])('%s is no socket', (_, env) => {
  expect(inheritedDhcpSockets(env, 42)).toEqual([])
})

it('several say by their names which interfaces they are bound to', () => {
  const env = { LISTEN_FDS: '2', LISTEN_PID: '42', LISTEN_FDNAMES: 'eth1:eth2' }
  expect(inheritedDhcpSockets(env, 42)).toEqual([
    { interface: 'eth1', fd: 3 },
    { interface: 'eth2', fd: 4 },
  ])
})

it('several without names are passed on as such', () => {
  const sockets = inheritedDhcpSockets({ LISTEN_FDS: '2', LISTEN_PID: '42' }, 42)
  expect(sockets.map(({ interface: name, fd }) => [name, fd])).toEqual([
    [undefined, 3],
    [undefined, 4],
  ])
})
