import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientReport } from '../../../client/contract.ts'
import { CRASHED, startClient } from '../../../client/tui/client.tsx'
import { FakeSystem, type FakeTerminal } from './fake-system.ts'
import { configuration } from './fixtures.ts'

let system: FakeSystem
let terminal: FakeTerminal

beforeEach(() => {
  system = new FakeSystem()
  system.environment.BT_CONSOLES = '/dev/tty1'
  system.files.set('/boottorrent/config.json', JSON.stringify(configuration))
  terminal = system.addTerminal('/dev/tty1')
})

/** All that was written to the terminal, as text. */
const received = () => Buffer.from(terminal.received, 'latin1').toString('utf8')

/** Ink listens to keys from its first effects on, which run after the frame. */
const inkIsReady = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))

describe('the client', () => {
  test('shows the menu and says it in a plain line', () => {
    startClient(system, '1.2.3')
    expect(received()).toContain('boottorrent 1.2.3')
    expect(terminal.plainLines).toEqual(['boottorrent: menu 3 systems, default debian in 10 s'])
  })

  test('has the default selected from its first frame on', () => {
    system.files.set('/boottorrent/config.json', JSON.stringify({ ...configuration, defaultOs: 'tool' }))
    startClient(system, '1.2.3')
    expect(received()).toContain('Inventory tool starts in 10 s')
    expect(received()).toMatch(/► 2 Inventory tool/)
    expect(received()).not.toMatch(/► 1 /)
  })

  test('reports with the MAC address and the UUID of this machine', async () => {
    const told: ClientReport[] = []
    system.onExchange = ({ message }) => {
      told.push(JSON.parse(message.slice(message.indexOf('\r\n\r\n'))))
      return 'HTTP/1.0 204 No Content\r\n\r\n'
    }
    system.environment.BT_MAC = '52:54:00:12:34:56'
    system.files.set('/sys/class/dmi/id/product_uuid', '4C4C4544-0042-3510-8052-B4C04F4D3732\n')
    startClient(system, '1.2.3')
    await system.pass(0)
    const who = { mac: '52:54:00:12:34:56', uuid: '4c4c4544-0042-3510-8052-b4c04f4d3732' }
    expect(told).toMatchObject([
      { ...who, step: 'phase1' },
      { ...who, step: 'menu' },
    ])
  })

  test('takes keys from the console', async () => {
    startClient(system, '1.2.3')
    await inkIsReady()
    terminal.received = ''
    terminal.type('\x1b[B')
    await system.pass(1000)
    expect(received()).toContain('Press Enter to start Inventory tool.')
  })

  test('paints everything again on Ctrl+L', async () => {
    startClient(system, '1.2.3')
    await inkIsReady()
    terminal.received = ''
    terminal.type('\x0c')
    await system.pass(1000)
    expect(received()).toContain('Windows 10')
  })

  test('gives the console to a shell on Ctrl+S, and takes it back', async () => {
    startClient(system, '1.2.3')
    await inkIsReady()
    terminal.type('\x13')
    expect(terminal.isOpen).toBe(false)
    expect(system.children[0]?.command.terminal).toBe('/dev/tty1')
    expect(system.children[0]?.command.words).toContain('/bin/sh')
    system.children[0]?.end({ code: 0 })
    await system.pass(0)
    expect(terminal.isOpen).toBe(true)
  })

  test('opens one shell on a console, however often the key arrives', async () => {
    system.files.clear()
    startClient(system, '1.2.3')
    await inkIsReady()
    terminal.type('ss')
    expect(system.children).toHaveLength(1)
    system.children[0]?.end({ code: 0 })
    await system.pass(0)
    expect(terminal.isOpen).toBe(true)
    terminal.type('s')
    expect(system.children).toHaveLength(2)
  })

  test('shows a configuration that is missing as a failure with a shell', () => {
    system.files.clear()
    startClient(system, '1.2.3')
    expect(terminal.plainLines).toEqual(['boottorrent: failed The configuration /boottorrent/config.json is missing.'])
    expect(received()).toContain('shell')
    expect(system.exitCode).toBeUndefined()
  })
})

describe('an error of its own', () => {
  test('ends it with its words on the console, which is usable again', () => {
    const client = startClient(system, '1.2.3')
    terminal.received = ''
    client.crash(new TypeError('not a function'))
    expect(terminal.plainLines).toEqual(['boottorrent: failed Something unexpected happened: not a function'])
    expect(received()).toContain('\x1b[?25h')
    expect(terminal.isOpen).toBe(false)
  })

  test('in a screen does the same', async () => {
    // A name that is no text makes the title bar throw.
    system.environment.BT_HOSTNAME = 7 as never
    const exitCode = new Promise<number>((resolve) => {
      system.exit = resolve
    })
    startClient(system, '1.2.3')
    expect(await exitCode).toBe(CRASHED)
    expect(terminal.plainLines.at(-1)).toMatch(/^boottorrent: failed Something unexpected happened: .*not a function$/)
    expect(terminal.isOpen).toBe(false)
  })

  test('while starting does the same', () => {
    // It breaks in the middle of React's work, which is of no use to anybody afterwards: this test is the last one.
    system.files.set('/boottorrent/config.json', JSON.stringify({ ...configuration, timeout: -1 }))
    system.now = () => {
      throw new Error('the clock is broken')
    }
    startClient(system, '1.2.3')
    expect(terminal.plainLines).toEqual([
      'boottorrent: menu 3 systems, default debian, waiting',
      'boottorrent: failed Something unexpected happened: the clock is broken',
    ])
    expect(received()).toContain('\x1b[?25h')
    expect(terminal.isOpen).toBe(false)
    expect(system.exitCode).toBe(CRASHED)
  })
})
