import { beforeEach, describe, expect, test } from 'vitest'
import { Consoles } from '../../../client/tui/consoles.ts'
import { FakeSystem } from './fake-system.ts'

const screen = '/dev/tty1'
const serial = '/dev/ttyS0'

let system: FakeSystem
beforeEach(() => {
  system = new FakeSystem()
})

function both() {
  return {
    vga: system.addTerminal(screen),
    line: system.addTerminal(serial),
    consoles: new Consoles(system, [screen, serial]),
  }
}

describe('several consoles', () => {
  test('all show the frame and the lines', () => {
    const { vga, line, consoles } = both()
    consoles.show(['frame'])
    consoles.print('boottorrent: menu')
    for (const terminal of [vga, line]) {
      expect(terminal.received).toContain('frame')
      expect(terminal.plainLines).toEqual(['boottorrent: menu'])
    }
  })

  test('are all typed on, and it is known which one', () => {
    const { vga, line, consoles } = both()
    const typed: [string, string][] = []
    consoles.onInput((text, path) => typed.push([text, path]))
    line.type('a')
    vga.type('b')
    expect(typed).toEqual([
      ['a', serial],
      ['b', screen],
    ])
  })

  test('one that blocks does not keep the other from going on', async () => {
    const { vga, line, consoles } = both()
    line.room = 0
    consoles.show(['one'])
    await system.pass(300)
    consoles.show(['two'])
    consoles.print('boottorrent: start')
    expect(vga.received).toContain('two')
    expect(vga.plainLines).toEqual(['boottorrent: start'])
    expect(line.received).toBe('')
  })

  test('one that is not there does not keep the other from going on', () => {
    const vga = system.addTerminal(screen)
    const consoles = new Consoles(system, [serial, screen])
    consoles.show(['frame'])
    expect(vga.received).toContain('frame')
    expect(consoles.size().rows).toBe(19)
  })

  test('one that breaks is opened again later, and shows everything', async () => {
    const { line, consoles } = both()
    consoles.show(['one'])
    line.isBroken = true
    consoles.print('boottorrent: lost')
    expect(line.isOpen).toBe(false)
    line.isBroken = false
    line.received = ''
    await system.pass(5000)
    expect(line.received).toContain('one')
  })

  test('one that hangs up while it is read from is opened again later', async () => {
    const { line, consoles } = both()
    consoles.show(['one'])
    line.type('')
    expect(line.isOpen).toBe(false)
    await system.pass(5000)
    expect(line.isOpen).toBe(true)
  })
})

describe('a slow console', () => {
  test('skips frames, and gets the lines in their order and whole', async () => {
    const { line, consoles } = both()
    line.room = 10
    consoles.show(['frame 0'])
    for (let number = 1; number <= 20; number++) {
      consoles.show([`frame ${number}`])
      consoles.print(`boottorrent: step ${number}`)
      await system.pass(300)
    }
    for (let turn = 0; turn < 500; turn++) {
      line.drain(7)
      await system.pass(10)
    }
    expect(line.plainLines).toEqual(Array.from({ length: 20 }, (_, index) => `boottorrent: step ${index + 1}`))
    expect(line.received).toContain('frame 20')
    expect(line.received).not.toContain('frame 10')
  })

  test('keeps a bounded number of lines for later', async () => {
    const { line, consoles } = both()
    line.room = 0
    for (let number = 1; number <= 5000; number++) consoles.print(`boottorrent: step ${number}`)
    line.drain(Number.POSITIVE_INFINITY)
    await system.pass(1000)
    expect(line.plainLines.length).toBeLessThanOrEqual(201)
    expect(line.plainLines.at(-1)).toBe('boottorrent: step 5000')
  })

  test('gets at most five frames a second', async () => {
    const { vga, consoles } = both()
    for (let number = 0; number < 100; number++) {
      consoles.show([`frame ${number}`])
      await system.pass(10)
    }
    const frames = vga.received.match(/frame \d+/g) ?? []
    expect(frames.length).toBeLessThanOrEqual(6)
  })

  test('shows the last frame in the end', async () => {
    const { vga, consoles } = both()
    for (let number = 0; number < 10; number++) consoles.show([`frame ${number}`])
    await system.pass(200)
    expect(vga.received).toContain('frame 9')
  })
})

describe('a lent console', () => {
  test('is closed, empty and usable, while the other goes on', () => {
    const { vga, line, consoles } = both()
    consoles.show(['frame'])
    vga.received = ''
    consoles.lend(screen)
    consoles.print('boottorrent: progress')
    expect(vga.isOpen).toBe(false)
    expect(vga.received).toContain('\x1b[2J')
    expect(vga.received).toContain('\x1b[?25h')
    expect(vga.plainLines).toEqual([])
    expect(line.plainLines).toEqual(['boottorrent: progress'])
  })

  test('shows the frame and what was said meanwhile when it comes back', async () => {
    const { vga, consoles } = both()
    consoles.show(['frame'])
    consoles.lend(screen)
    consoles.print('boottorrent: complete')
    vga.received = ''
    consoles.takeBack(screen)
    await system.pass(300)
    expect(vga.received).toContain('frame')
    expect(vga.plainLines).toEqual(['boottorrent: complete'])
  })

  test('is not opened by the timer of an earlier failure', async () => {
    const { vga, consoles } = both()
    vga.type('')
    consoles.lend(screen)
    await system.pass(60_000)
    expect(vga.isOpen).toBe(false)
  })
})

describe('the end', () => {
  test('leaves the last words on every console', () => {
    const { vga, line, consoles } = both()
    consoles.show(['frame'])
    consoles.close(['boottorrent: failed something'])
    for (const terminal of [vga, line]) {
      expect(terminal.plainLines).toEqual(['boottorrent: failed something'])
      expect(terminal.isOpen).toBe(false)
    }
  })

  test('leaves no timer behind', async () => {
    const { consoles } = both()
    consoles.show(['one'])
    consoles.show(['two'])
    consoles.close()
    expect(system.pendingTimers).toBe(0)
  })

  test('waits for slow consoles, but not for ever', async () => {
    const { line, consoles } = both()
    line.room = 0
    consoles.show(['frame'])
    let settled = false
    void consoles.settled(1000).then(() => {
      settled = true
    })
    await system.pass(900)
    expect(settled).toBe(false)
    await system.pass(200)
    expect(settled).toBe(true)
  })
})

describe('a console that is lent', () => {
  test('is lent to one at a time', () => {
    const { consoles } = both()
    expect(consoles.lend(serial)).toBe(true)
    expect(consoles.lend(serial)).toBe(false)
    expect(consoles.lend(screen)).toBe(true)
    consoles.takeBack(serial)
    expect(consoles.lend(serial)).toBe(true)
  })

  test('stays with whoever has it, though it failed while it was given away', async () => {
    const { line, consoles } = both()
    line.isBroken = true
    consoles.lend(serial)
    line.isBroken = false
    await system.pass(60_000)
    expect(line.isOpen).toBe(false)
    consoles.takeBack(serial)
    expect(line.isOpen).toBe(true)
  })
})
