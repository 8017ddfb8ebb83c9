import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { system } from '../../../client/tui/system-node.ts'
import { TmuxTerminal } from './terminal.ts'

/** What {@link system} promises, kept by the implementation that the tests rely on. */
describe('programs', () => {
  test('say lines on either output, and end with a code', async () => {
    const lines: string[] = []
    const words = ['sh', '-c', 'echo out; printf "err" >&2; exit 5']
    expect(await system.spawn({ words, onLine: (line) => lines.push(line) }).exit).toEqual({ code: 5 })
    expect(lines.sort()).toEqual(['err', 'out'])
  })

  test('that are not there end with code 127', async () => {
    expect(await system.spawn({ words: ['/nonexistent/program'] }).exit).toEqual({ code: 127 })
  })

  test('can be ended', async () => {
    const child = system.spawn({ words: ['sleep', '1000'] })
    child.kill('TERM')
    expect(await child.exit).toEqual({ signal: 15 })
  })

  test('start in their folder', async () => {
    const lines: string[] = []
    await system.spawn({ words: ['pwd'], folder: '/usr', onLine: (line) => lines.push(line) }).exit
    expect(lines).toEqual(['/usr'])
  })
})

describe('a terminal', () => {
  test('knows its size, shows what is written and hears what is typed', async () => {
    await using screen = await TmuxTerminal.open(100, 30)
    const terminal = system.openTerminal(screen.path)
    try {
      expect(terminal.size()).toEqual({ columns: 100, rows: 30 })
      const typed = new Promise<string>((resolve) => terminal.onInput(resolve))
      expect(terminal.write(new TextEncoder().encode('► here'))).toBe(8)
      await screen.shows('► here')
      screen.type('C-s')
      expect(await typed).toBe('\x13')
    } finally {
      terminal.close()
    }
  })

  test('that is not there throws', () => {
    expect(() => system.openTerminal('/dev/nonexistent')).toThrow()
  })

  test('that is no terminal throws', () => {
    expect(() => system.openTerminal('/dev/null')).toThrow()
  })
})

describe('an exchange', () => {
  test('with nobody rejects', async () => {
    const port = await system.freePort()
    await expect(
      system.exchange({ address: '127.0.0.1', port, message: 'x', timeout: 5000, limit: 100 }),
    ).rejects.toThrow()
  })

  test('with somebody who says nothing rejects in time', async () => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const exchange = system.exchange({ address: '127.0.0.1', port, message: 'x', timeout: 50, limit: 100 })
    await expect(exchange).rejects.toThrow('no answer in time')
    server.close()
  })

  test.each([
    [100, 'x'.repeat(100)],
    [99, undefined],
  ])('may bring %i bytes: of 100 that is %j', async (limit, expected) => {
    const server = createServer((socket) => socket.end('x'.repeat(100)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const exchange = system.exchange({ address: '127.0.0.1', port, message: 'x', timeout: 5000, limit })
    if (expected === undefined) await expect(exchange).rejects.toThrow('the answer has more than 99 bytes')
    else expect(await exchange).toBe(expected)
    server.close()
  })
})

test('files and folders', () => {
  expect(system.exists('/etc')).toBe(true)
  expect(system.exists('/nonexistent')).toBe(false)
  expect(system.readFile('/nonexistent')).toBeUndefined()
  expect(system.freeBytes('/')).toBeGreaterThan(0)
  expect(system.freeBytes('/nonexistent')).toBeUndefined()
  expect(system.randomHex(16)).toMatch(/^[0-9a-f]{32}$/)
})
