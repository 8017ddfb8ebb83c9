import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { ShownServer } from '../../../src/cli/dashboard/index.ts'
import type { Io } from '../../../src/cli/io.ts'
import { Screen } from '../../../src/cli/screen.ts'
import { fakeIo } from './fake-io.ts'

/** A server that must not be looked at. */
const unseen = {} as ShownServer

function terminalIo(env: Record<string, string> = {}) {
  const io = fakeIo({ terminal: true, env })
  const stream = new PassThrough()
  const terminal = { input: stream, output: stream } as unknown as NonNullable<Io['terminal']>
  return { ...io, terminal }
}

test.each([
  ['lines are asked for', terminalIo(), true],
  ['the terminal can only write lines', terminalIo({ TERM: 'dumb' }), false],
  ['there is no terminal', fakeIo(), false],
])('there are plain lines when %s', async (_, io, plain) => {
  await using screen = new Screen(io, { level: 'info', plain, now: () => 0 })
  await screen.show(unseen, () => {})
  screen.log({ level: 'warn', event: 'dhcp.silent', message: 'Another DHCP server answers' })
  await screen.close()
  expect(io.output()).toContain('Another DHCP server answers\n')
  expect(io.output().match(/Another/g)).toHaveLength(1)
})
