import { spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { bindError } from '../../src/bind-error.ts'
import { platform } from '../../src/platform/index.ts'

async function listenTcp(address: string, port = 0): Promise<Server & AsyncDisposable> {
  const server = createServer().listen(port, address)
  await once(server, 'listening')
  return server
}

async function bindUdp(address: string, port = 0): Promise<Socket & AsyncDisposable> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(port, address)
  await once(socket, 'listening')
  return socket
}

const portOf = (server: Server) => (server.address() as AddressInfo).port

test('the program that has a TCP port is named', async () => {
  // Its code comes as text, for another program has to have the port.
  const code = `require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
  const other = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [printed] = await once(other.stdout, 'data')
    const port = Number(printed)
    const error = await listenTcp('127.0.0.1', port).catch((failure) => failure)
    expect(bindError(error, 'HTTP', '127.0.0.1', port)).toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`(process ${other.pid}) already uses TCP 127.0.0.1:${port}, the port of HTTP`),
      hint: expect.stringMatching(/^Stop .+, or choose another port for HTTP\.$/),
    })
  } finally {
    other.kill()
    await once(other, 'exit')
  }
})

test('the program that has a UDP port is named', async () => {
  await using held = await bindUdp('127.0.0.1')
  const { port } = held.address()
  const error = await bindUdp('127.0.0.1', port).catch((failure) => failure)
  expect(bindError(error, 'TFTP', '127.0.0.1', port)).toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(`(process ${process.pid}) already uses UDP 127.0.0.1:${port}, the port of TFTP`),
  })
})

test('a port that nobody is seen to have is told all the same', () => {
  const error = Object.assign(new Error('taken'), { code: 'EADDRINUSE', syscall: 'listen' })
  expect(bindError(error, 'HTTP', '127.0.0.1', 0)).toMatchObject({
    message: 'Another program already uses TCP 127.0.0.1:0, the port of HTTP',
    hint: expect.stringContaining('run as root, names it'),
  })
})

test('a port is held on all addresses by a socket that has them all, and on no other address by one that has one', async () => {
  await using one = await bindUdp('127.0.0.2')
  const { port } = one.address()
  expect(platform.portHolder('udp', '127.0.0.2', port)?.pid).toBe(process.pid)
  expect(platform.portHolder('udp', '0.0.0.0', port)?.pid).toBe(process.pid)
  expect(platform.portHolder('udp', '127.0.0.3', port)).toBeUndefined()
  await using all = await bindUdp('0.0.0.0')
  expect(platform.portHolder('udp', '127.0.0.3', all.address().port)?.pid).toBe(process.pid)
})

test('a connection from a port does not make it held, only listening does', async () => {
  await using server = await listenTcp('127.0.0.1')
  const client = connect(portOf(server), '127.0.0.1')
  await once(client, 'connect')
  try {
    expect(platform.portHolder('tcp', '127.0.0.1', client.localPort as number)).toBeUndefined()
    expect(platform.portHolder('tcp', '127.0.0.1', portOf(server))?.pid).toBe(process.pid)
  } finally {
    client.destroy()
  }
})

test.each([
  ['EACCES', 'PERMISSION', 'CAP_NET_BIND_SERVICE'],
  ['EPERM', 'PERMISSION', 'CAP_NET_BIND_SERVICE'],
  ['EADDRNOTAVAIL', 'INTERFACE', 'ip address'],
  ['EINVAL', 'INTERNAL', 'another address or port'],
])('%s becomes %s, with what to do', (code, expected, advice) => {
  const error = Object.assign(new Error('refused'), { code, syscall: 'bind' })
  expect(bindError(error, 'TFTP', '127.0.0.1', 69)).toMatchObject({
    code: expected,
    hint: expect.stringContaining(advice),
  })
})

test.each([67, 68, 69])(
  'without the right to port %d, the one of DHCP is to be opened, and no other port chosen',
  (port) => {
    const error = Object.assign(new Error('bind EACCES'), { code: 'EACCES', syscall: 'bind' })
    const { hint } = bindError(error, 'DHCP client', '255.255.255.255', port)
    expect(hint).not.toContain('Or choose a port')
    if (process.platform === 'linux') expect(hint).toContain('ip_unprivileged_port_start=67')
  },
)
