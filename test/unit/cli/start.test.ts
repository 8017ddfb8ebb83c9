import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import { type CreateServer, start } from '../../../src/cli/start.ts'
import { BoottorrentError, type ErrorCode } from '../../../src/errors.ts'
import type { BootServer, BootServerOptions } from '../../../src/server.ts'
import { linux, temporaryEnvironment } from '../environment/temporary-environment.ts'
import { fakeIo } from './fake-io.ts'

/** A server that serves nobody, and tells what was done to it. */
function fakeServer(
  behaviour: { start?: (options: BootServerOptions) => Promise<void>; close?: () => Promise<void> } = {},
) {
  const events = new EventEmitter()
  const done: string[] = []
  let options: BootServerOptions | undefined
  const createServer: CreateServer = async (given) => {
    options = given
    const close = async () => {
      done.push('close')
      events.emit('close')
      await behaviour.close?.()
    }
    const server: Pick<BootServer, 'start' | 'close' | 'reload' | typeof Symbol.asyncDispose> = {
      async start() {
        done.push('start')
        await behaviour.start?.(given)
        setImmediate(() => events.emit('started'))
      },
      close,
      [Symbol.asyncDispose]: close,
      async reload() {
        done.push('reload')
        return { ok: true, problems: [], systems: [], needsRestart: [] }
      },
    }
    return server as BootServer
  }
  return { createServer, events, done, options: () => options }
}

const environmentFiles = { 'Boottorrent.yaml': 'version: 1\nnetwork: {interface: eth0, mode: dhcp}\n', ...linux('a') }

test('it serves until Ctrl+C and closes in order', async () => {
  await using environment = await temporaryEnvironment(environmentFiles)
  const io = fakeIo({ cwd: environment.directory })
  const server = fakeServer()
  const ended = start('.', {}, io, server.createServer)
  await once(server.events, 'started')
  expect(server.done).toEqual(['start'])
  io.interrupt()
  expect(await ended).toBe(0)
  expect(server.done).toEqual(['start', 'close'])
  expect(io.output()).toMatch(/^\d\d:\d\d:\d\d {2}Stopping.*\n\d\d:\d\d:\d\d {2}Stopped\n$/)
  expect(io.listeners()).toBe(0)
})

test('BOOTTORRENT_CLIENT names the client that is served', async () => {
  await using environment = await temporaryEnvironment(environmentFiles)
  const io = fakeIo({ cwd: environment.directory, env: { BOOTTORRENT_CLIENT: '/opt/phase1/manifest.json' } })
  const server = fakeServer()
  const ended = start('.', {}, io, server.createServer)
  await once(server.events, 'started')
  io.interrupt()
  expect(await ended).toBe(0)
  expect(server.options()?.client).toBe('/opt/phase1/manifest.json')
})

test('a service that gets SIGHUP reads its environment again, with the same settings from outside', async () => {
  await using environment = await temporaryEnvironment(environmentFiles)
  const io = fakeIo({ cwd: environment.directory })
  const server = fakeServer()
  const ended = start('.', { mode: 'off' }, io, server.createServer)
  await once(server.events, 'started')
  io.reload()
  io.interrupt()
  expect(await ended).toBe(0)
  expect(server.done).toEqual(['start', 'reload', 'close'])
  expect(server.options()?.overrides).toEqual([{ setting: expect.anything(), value: 'off', from: '--mode' }])
  expect(io.listeners()).toBe(0)
})

test('a second Ctrl+C ends at once', async () => {
  await using environment = await temporaryEnvironment(environmentFiles)
  const io = fakeIo({ cwd: environment.directory })
  const hanging = Promise.withResolvers<void>()
  const server = fakeServer({ close: () => hanging.promise })
  const ended = start('.', {}, io, server.createServer)
  await once(server.events, 'started')
  const closing = once(server.events, 'close')
  io.interrupt()
  await closing
  expect(io.exits).toEqual([])
  io.interrupt()
  expect(io.exits).toEqual([130])
  hanging.resolve()
  await ended
})

test('Ctrl+C during the start ends the start, and is no error', async () => {
  await using environment = await temporaryEnvironment(environmentFiles)
  const io = fakeIo({ cwd: environment.directory })
  const server = fakeServer({
    start: async ({ signal }) => {
      setImmediate(() => io.interrupt())
      await once(signal as AbortSignal, 'abort')
      signal?.throwIfAborted()
    },
  })
  expect(await start('.', {}, io, server.createServer)).toBe(0)
  expect(server.done).toEqual(['start', 'close'])
  expect(io.output()).toMatch(/ {2}Stopped\n$/)
})

test('an error during the start is one, even after Ctrl+C', async () => {
  await using environment = await temporaryEnvironment(environmentFiles)
  const io = fakeIo({ cwd: environment.directory })
  const server = fakeServer({
    start: async () => {
      io.interrupt()
      throw new BoottorrentError('PORT_IN_USE', 'It happened.')
    },
  })
  await expect(start('.', {}, io, server.createServer)).rejects.toThrow('It happened.')
})

test('flags beat variables, variables beat the file', async () => {
  await using environment = await temporaryEnvironment(environmentFiles)
  const io = fakeIo({
    cwd: environment.directory,
    env: { BOOTTORRENT_MODE: 'proxy', BOOTTORRENT_INTERFACE: 'eth7', BOOTTORRENT_TIMEOUT: '-1' },
  })
  const server = fakeServer({ start: async () => Promise.reject(new Error('enough')) })
  await expect(
    start('.', { mode: 'off', hostIp: ['10.0.0.1'], interface: ['eth1', 'eth2'] }, io, server.createServer),
  ).rejects.toThrow('enough')
  expect(server.options()?.environment).toMatchObject({
    boot: { timeout: -1 },
    network: { mode: 'off', interfaces: ['eth1', 'eth2'], hostIps: ['10.0.0.1'] },
  })
})

test('a negative number can be the value of a flag', async () => {
  await using environment = await temporaryEnvironment(environmentFiles)
  const io = fakeIo({ cwd: environment.directory })
  expect(await run(['start', '--seed-time', '-1'], io)).toBe(2)
  expect(io.errors()).toContain('--seed-time: -1 is too small')
})

test('a wrong environment is not served', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\ntiemout: 3\n', 'oss/': '' })
  const io = fakeIo({ cwd: environment.directory })
  const server = fakeServer()
  expect(await start('.', {}, io, server.createServer)).toBe(2)
  expect(server.options()).toBeUndefined()
  expect(io.errors()).toBe('Boottorrent.yaml:2:1: unknown key "tiemout"\n    Did you mean the "timeout" of boot:?\n')

  const json = fakeIo({ cwd: environment.directory })
  expect(await start('.', { json: true }, json, server.createServer)).toBe(2)
  expect(JSON.parse(json.output())).toMatchObject({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    event: 'environment.problem',
    level: 'error',
    file: 'Boottorrent.yaml',
    line: 2,
    code: 'unknown-key',
  })
})

test.each([
  ['PORT_IN_USE', 3],
  ['PERMISSION', 3],
  ['NETWORK_CONFLICT', 4],
  ['INTERFACE', 2],
  ['CLIENT_MISSING', 1],
  ['INTERNAL', 1],
] as [ErrorCode, number][])(
  'a start that fails with %s ends with %i, and what ran is closed',
  async (code, exitCode) => {
    await using environment = await temporaryEnvironment(environmentFiles)
    const io = fakeIo({ cwd: environment.directory })
    const server = fakeServer({
      start: async () => Promise.reject(new BoottorrentError(code, 'It happened.', { hint: 'Do this.' })),
    })
    expect(await start('.', { json: true }, io, server.createServer)).toBe(exitCode)
    expect(server.done).toEqual(['start', 'close'])
    expect(JSON.parse(io.output())).toMatchObject({
      event: 'server.failed',
      code,
      message: 'It happened.',
      error: 'It happened.',
      hint: 'Do this.',
    })
    expect(io.listeners()).toBe(0)
  },
)

test('warnings of the environment are told once, in both forms', async () => {
  await using environment = await temporaryEnvironment({
    ...environmentFiles,
    'Boottorrent.yaml': 'boottorrent: {version: 0}\ntransmission: {rpc_port: 9091}\n',
  })
  const warningOf = async (json: boolean) => {
    const io = fakeIo({ cwd: environment.directory })
    const server = fakeServer({ start: async () => io.interrupt() })
    await start('.', { json }, io, server.createServer)
    return io.output().split('\n')[0] ?? ''
  }
  expect(await warningOf(false)).toMatch(
    /^\d\d:\d\d:\d\d {2}warning: Boottorrent\.yaml:2:26: transmission\.rpc_port has no effect any more\. Remove the line\.$/,
  )
  expect(JSON.parse(await warningOf(true))).toMatchObject({
    event: 'environment.warning',
    level: 'warn',
    line: 2,
    code: 'no-effect',
  })
})
